#include "sys/owned_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>

#include "base/text.h"
#include "sys/child.h"
#include "sys/error.h"
#include "sys/exits.h"
#include "sys/fd.h"
#include "sys/file.h"
#include "sys/identity.h"
#include "sys/stream.h"

namespace reqmail::sys {

namespace {

constexpr mode_t kPermissions = 07777;
constexpr mode_t kPrivate = 0600;
constexpr int kCannotBecome = 255;  // not an errno

bool is_owned_as_wanted(const struct ::stat& found, const Ownership& wanted) {
  return found.st_uid == wanted.uid && (found.st_gid == wanted.gid || wanted.gid == kSameGroup);
}

Result<void> fill(int fd, const std::string& content, const Ownership& ownership) {
  if (auto written = write_all(fd, content); !written) {
    return written;
  }
  const auto found = status(fd);
  if (!found) {
    return found.error();
  }
  if (auto set = set_ownership(fd, "a file", *found, ownership); !set) {
    return set.error();
  }
  return sync(fd);
}

}  // namespace

bool is_as_wanted(const struct ::stat& found, const Ownership& wanted) {
  return is_owned_as_wanted(found, wanted) && (found.st_mode & kPermissions) == wanted.mode;
}

// The owner comes first, since chown(2) clears the set-id bits.
Result<bool> set_ownership(int fd, std::string_view name, const struct ::stat& found,
                           const Ownership& wanted) {
  if (is_as_wanted(found, wanted)) {
    return false;
  }
  if ((!is_owned_as_wanted(found, wanted) && ::fchown(fd, wanted.uid, wanted.gid) != 0) ||
      ::fchmod(fd, wanted.mode) != 0) {
    return system_failure(base::concat({"unable to set owner and mode of ", name}), errno);
  }
  return true;
}

Result<void> replace_owned_file(const std::string& path, const std::string& content,
                                const Ownership& ownership) {
  const std::string temporary_path = path + ".tmp";
  (void)::unlink(temporary_path.c_str());
  const auto file = create_exclusive(temporary_path, kPrivate);
  if (!file) {
    return system_failure(base::concat({"unable to create ", temporary_path}),
                          file.error().error);
  }
  if (auto filled = fill(file->get(), content, ownership); !filled) {
    (void)::unlink(temporary_path.c_str());
    return system_failure(base::concat({"unable to write ", temporary_path}),
                          filled.error().error);
  }
  if (::rename(temporary_path.c_str(), path.c_str()) != 0) {
    Failure failure = system_failure(base::concat({"unable to replace ", path}));
    (void)::unlink(temporary_path.c_str());
    return failure;
  }
  return sync_directory(directory_of(path));
}

Result<void> link_file(const std::string& from, const std::string& to) {
  if (::link(from.c_str(), to.c_str()) != 0) {
    return system_failure(base::concat({"unable to link ", from, " to ", to}));
  }
  return {};
}

Result<void> make_owned_directory(const std::string& path, const Ownership& ownership) {
  if (::mkdir(path.c_str(), kPrivate | S_IXUSR) != 0) {
    if (errno == EEXIST) {
      return {};
    }
    return system_failure(base::concat({"unable to create ", path}));
  }
  if (::chown(path.c_str(), ownership.uid, ownership.gid) != 0 ||
      ::chmod(path.c_str(), ownership.mode) != 0) {
    return system_failure(base::concat({"unable to set owner and mode of ", path}));
  }
  return sync_directory(directory_of(path));
}

Result<int> read_error_of(const Identity& identity, const std::string& path) {
  const pid_t forked = ::fork();
  if (forked < 0) {
    return system_failure("unable to fork");
  }
  if (forked == 0) {
    if (!become(identity)) {
      finish(kCannotBecome);
    }
    const auto file = open_read_nonblocking(path);
    finish(file ? 0 : file.error().error);
  }
  const auto ended = Child(forked).wait();
  if (!ended || ended->crashed || ended->code == kCannotBecome) {
    return system_failure("unable to become another user", EPERM);
  }
  return ended->code;
}

}  // namespace reqmail::sys
