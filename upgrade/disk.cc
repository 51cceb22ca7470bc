#include "upgrade/disk.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cerrno>

#include "base/text.h"
#include "sys/directory.h"
#include "sys/error.h"
#include "sys/file.h"
#include "sys/held_directory.h"
#include "sys/stream.h"

namespace reqmail::upgrade {

namespace {

constexpr mode_t kPermissions = 07777;

Failure trouble(std::string_view what, const std::string& path) {
  return sys::system_failure(base::concat({"unable to ", what, " ", path}));
}

bool is_access(const struct ::stat& status, const Access& access) {
  return status.st_uid == access.uid && status.st_gid == access.gid &&
         (status.st_mode & kPermissions) == access.mode;
}

// Creates an empty file with a name that was free.
Result<sys::Fd> new_file(const std::string& path) {
  const auto place = sys::held_place(path);
  if (!place) {
    return place.error();
  }
  if (auto gone = place->directory.remove_file(place->name); !gone) {
    return gone.error();
  }
  return place->directory.create_file(place->name, 0600);
}

Result<void> finish_file(int fd, const Access& access, const std::string& path) {
  if (!set_access(fd, access)) {
    return trouble("set owner and mode of", path);
  }
  if (!sys::sync(fd)) {
    return trouble("sync", path);
  }
  return {};
}

// Makes a new link with the same target.
Result<void> copy_link(const std::string& from, const std::string& to) {
  const auto target = survey::link_target(from);
  if (!target) {
    return target.error();
  }
  if (::symlink(target->c_str(), to.c_str()) != 0) {
    return trouble("make the link", to);
  }
  return {};
}

Result<void> copy_bytes(int from, int to, const std::string& path) {
  std::string buffer(std::size_t{256} << 10, '\0');
  for (;;) {
    const auto count = sys::read_some(from, buffer.data(), buffer.size());
    if (!count) {
      return trouble("read", path);
    }
    if (*count == 0) {
      return {};
    }
    if (auto written = sys::write_all(to, std::string_view(buffer).substr(0, *count));
        !written) {
      return trouble("write", path);
    }
  }
}

}  // namespace

Access access_of(const struct ::stat& status) {
  return {status.st_uid, status.st_gid, status.st_mode & kPermissions};
}

Result<void> set_access(int fd, const Access& access) {
  if (::fchown(fd, access.uid, access.gid) != 0 || ::fchmod(fd, access.mode) != 0) {
    return sys::system_failure("unable to set owner and mode");
  }
  return {};
}

Result<void> set_access(const std::string& path, const Access& access) {
  const auto place = sys::held_place(path);
  if (!place) {
    return place.error();
  }
  const auto& [directory, name] = *place;
  const auto found = directory.status(name);
  if (!found || !*found) {
    return found ? temporary(base::concat({"there is no ", path}), ENOENT) : found.error();
  }
  if (S_ISDIR((*found)->st_mode)) {
    const auto inside = directory.enter(name);
    return inside ? set_access(inside->fd(), access) : inside.error();
  }
  const auto file = directory.open_file(name);
  if (!file) {
    return file.error();
  }
  const auto status = sys::status(file->get());
  if (!status) {
    return status.error();
  }
  if (is_access(*status, access)) {
    return {};
  }
  // This may be a second name for a file to which the owner of this directory has no access.
  if (status->st_nlink != 1 && !directory.is_trusted()) {
    return temporary(base::concat({path, " has other names too"}), EMLINK);
  }
  return set_access(file->get(), access);
}

Result<void> write_file(const std::string& path, std::string_view content,
                        const Access& access) {
  const auto file = new_file(path);
  if (!file) {
    return file.error();
  }
  if (!sys::write_all(file->get(), content)) {
    return trouble("write", path);
  }
  return finish_file(file->get(), access, path);
}

Result<void> copy_file(const std::string& from, const std::string& to,
                       const std::optional<Access>& access) {
  const auto place = sys::held_place(from);
  const auto source = place ? place->directory.open_file(place->name) : place.error();
  if (!source) {
    return source.error();
  }
  const auto status = sys::status(source->get());
  if (!status) {
    return status.error();
  }
  const auto file = new_file(to);
  if (!file) {
    return file.error();
  }
  if (auto copied = copy_bytes(source->get(), file->get(), to); !copied) {
    return copied;
  }
  const struct ::timespec times[2] = {status->st_atim, status->st_mtim};
  if (!access && ::futimens(file->get(), times) != 0) {
    return trouble("set the time of", to);
  }
  return finish_file(file->get(), access ? *access : access_of(*status), to);
}

Result<void> keep_file(const std::string& from, const std::string& to) {
  const auto old_place = sys::held_place(from);
  if (!old_place) {
    return old_place.error();
  }
  const auto new_place = sys::held_place(to);
  if (!new_place) {
    return new_place.error();
  }
  if (auto gone = new_place->directory.remove_file(new_place->name); !gone) {
    return gone;
  }
  const auto linked =
      old_place->directory.link(old_place->name, new_place->directory, new_place->name);
  if (linked) {
    return linked;
  }
  const int error = linked.error().error;
  if (error != EXDEV && error != EMLINK && error != EPERM) {
    return linked;
  }
  const auto status = old_place->directory.status(old_place->name);
  if (status && *status && S_ISLNK((*status)->st_mode)) {
    return copy_link(from, to);
  }
  return copy_file(from, to, std::nullopt);
}

Result<void> rename_file(const std::string& from, const std::string& to) {
  const auto old_place = sys::held_place(from);
  if (!old_place) {
    return old_place.error();
  }
  const auto new_place = sys::held_place(to);
  if (!new_place) {
    return new_place.error();
  }
  return old_place->directory.rename(old_place->name, new_place->directory, new_place->name);
}

Result<void> make_directory(const std::string& path, mode_t mode) {
  if (::mkdir(path.c_str(), mode) != 0 && !(errno == EEXIST && survey::is_directory(path))) {
    return trouble("make the directory", path);
  }
  return {};
}

Result<void> make_directories(const std::string& path, mode_t mode) {
  if (survey::is_directory(path)) {
    return {};
  }
  const std::string above = sys::directory_of(path);
  if (auto made = make_directories(above, mode); !made) {
    return made;
  }
  if (auto made = make_directory(path, mode); !made) {
    return made;
  }
  return sys::sync_directory(above);
}

Result<void> remove_directory(const std::string& path) {
  if (::rmdir(path.c_str()) != 0) {
    return trouble("remove", path);
  }
  return {};
}

Result<void> remove_if_there(const std::string& path) {
  const auto place = sys::held_place(path);
  if (!place) {
    const int error = place.error().error;
    return error == ENOENT || error == ENOTDIR ? Result<void>() : place.error();
  }
  return place->directory.remove_file(place->name);
}

Result<void> remove_tree(const std::string& path) {
  const auto status = sys::link_status(path);
  if (!status) {
    return {};
  }
  if (!S_ISDIR(status->st_mode)) {
    return remove_if_there(path);
  }
  const auto names = sys::list_directory(path);
  if (!names) {
    return names.error();
  }
  for (const std::string& name : *names) {
    if (auto gone = remove_tree(base::concat({path, "/", name})); !gone) {
      return gone;
    }
  }
  return remove_directory(path);
}

}  // namespace reqmail::upgrade
