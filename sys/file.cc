#include "sys/file.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>

#include "base/text.h"
#include "compat/quiet_open.h"
#include "compat/rename_new.h"
#include "compat/sync_data.h"
#include "sys/error.h"
#include "sys/opened_file.h"
#include "sys/stream.h"

namespace reqmail::sys {

namespace {

Result<Fd> open_file(const std::string& path, int flags, mode_t mode) {
  for (;;) {
    const int fd = ::open(path.c_str(), flags | O_CLOEXEC, mode);
    if (fd >= 0) {
      return Fd(fd);
    }
    if (errno != EINTR) {
      return system_failure(base::concat({"unable to open ", path}));
    }
  }
}

Result<Fd> open_regular(const std::string& path, int flags) {
  auto file = open_file(path, flags | O_NONBLOCK, 0);
  if (!file) {
    return file;
  }
  const auto found = regular_status(file->get(), (flags & O_ACCMODE) == O_RDONLY);
  if (!found) {
    return system_failure(base::concat({"unable to open ", path}), found.error().error);
  }
  return file;
}

Result<struct ::stat> status_result(int outcome, const struct ::stat& status,
                                    std::string_view name) {
  if (outcome != 0) {
    return system_failure(base::concat({"unable to stat ", name}));
  }
  return status;
}

}  // namespace

Result<Fd> open_read(const std::string& path) {
  return open_file(path, O_RDONLY, 0);
}

Result<Fd> open_read_nonblocking(const std::string& path) {
  return open_file(path, O_RDONLY | O_NONBLOCK, 0);
}

Result<Fd> open_regular_read(const std::string& path) {
  return open_regular(path, O_RDONLY);
}

Result<Fd> open_regular_write(const std::string& path) {
  return open_regular(path, O_WRONLY);
}

Result<Fd> open_regular_append(const std::string& path) {
  return open_regular(path, O_WRONLY | O_APPEND);
}

Result<Fd> open_regular_read_write(const std::string& path) {
  return open_regular(path, O_RDWR);
}

Result<Fd> open_read_quietly(const std::string& path) {
  for (;;) {
    const int fd = compat::open_quietly(path.c_str());
    if (fd >= 0) {
      return Fd(fd);
    }
    if (errno != EINTR) {
      return system_failure(base::concat({"unable to open ", path}));
    }
  }
}

Result<Fd> open_write(const std::string& path) {
  return open_file(path, O_WRONLY, 0);
}

Result<Fd> open_write_nonblocking(const std::string& path) {
  return open_file(path, O_WRONLY | O_NONBLOCK, 0);
}

Result<Fd> open_read_write(const std::string& path) {
  return open_file(path, O_RDWR, 0);
}

Result<Fd> open_append(const std::string& path, mode_t mode) {
  return open_file(path, O_WRONLY | O_APPEND | O_CREAT, mode);
}

Result<Fd> open_append_nonblocking(const std::string& path, mode_t mode) {
  return open_file(path, O_WRONLY | O_APPEND | O_CREAT | O_NONBLOCK, mode);
}

Result<Fd> open_truncated(const std::string& path, mode_t mode) {
  return open_file(path, O_WRONLY | O_TRUNC | O_CREAT, mode);
}

Result<Fd> create_exclusive(const std::string& path, mode_t mode) {
  return open_file(path, O_WRONLY | O_EXCL | O_CREAT, mode);
}

Result<Fd> create_exclusive_read_write(const std::string& path, mode_t mode) {
  return open_file(path, O_RDWR | O_EXCL | O_CREAT, mode);
}

Result<Fd> open_directory(const std::string& path) {
  return open_file(path, O_RDONLY | O_DIRECTORY, 0);
}

Result<std::string> read_file(const std::string& path, std::size_t limit) {
  auto file = open_read(path);
  if (!file) {
    return file.error();
  }
  return read_all(file->get(), limit);
}

Result<std::string> read_regular_file(const std::string& path, std::size_t limit) {
  auto file = open_regular_read(path);
  if (!file) {
    return file.error();
  }
  return read_all(file->get(), limit);
}

Result<void> sync(int fd) {
  if (::fsync(fd) != 0) {
    return system_failure("unable to sync");
  }
  return {};
}

Result<void> sync_directory(const std::string& path) {
  auto directory = open_directory(path);
  if (!directory) {
    return directory.error();
  }
  return sync_directory(directory->get());
}

void start_writing(int fd) {
  compat::start_writing(fd);
}

Result<void> sync_directory(int fd) {
  auto synced = sync(fd);
  if (!synced && synced.error().error == EINVAL) {
    return {};
  }
  return synced;
}

Result<void> sync_file_system(int fd) {
  if (!compat::sync_file_system(fd)) {
    return system_failure("unable to sync");
  }
  return {};
}

Result<void> replace_file(const std::string& path, const std::string& content, mode_t mode) {
  const std::string temporary_path = path + ".tmp";
  auto file = open_truncated(temporary_path, mode);
  if (!file) {
    return file.error();
  }
  if (auto written = write_all(file->get(), content); !written) {
    return written;
  }
  if (auto synced = sync(file->get()); !synced) {
    return synced;
  }
  if (::rename(temporary_path.c_str(), path.c_str()) != 0) {
    return system_failure(base::concat({"unable to move ", temporary_path, " to ", path}));
  }
  return sync_directory(directory_of(path));
}

Result<struct ::stat> status(const std::string& path) {
  struct ::stat found = {};
  return status_result(::stat(path.c_str(), &found), found, path);
}

Result<struct ::stat> link_status(const std::string& path) {
  struct ::stat found = {};
  return status_result(::lstat(path.c_str(), &found), found, path);
}

Result<struct ::stat> status(int fd) {
  struct ::stat found = {};
  return status_result(::fstat(fd, &found), found, "descriptor");
}

Result<void> change_directory(const std::string& path) {
  if (::chdir(path.c_str()) != 0) {
    return system_failure(base::concat({"unable to switch to ", path}));
  }
  return {};
}

Result<void> rename_file(const std::string& from, const std::string& to) {
  if (::rename(from.c_str(), to.c_str()) != 0) {
    return system_failure("unable to rename");
  }
  return {};
}

Result<void> rename_to_new(const std::string& from, const std::string& to) {
  const auto outcome = compat::rename_new(from.c_str(), to.c_str());
  if (outcome == compat::RenameOutcome::renamed) {
    return {};
  }
  if (outcome == compat::RenameOutcome::failed || ::link(from.c_str(), to.c_str()) != 0) {
    return system_failure(base::concat({"unable to rename ", from, " to ", to}));
  }
  // The file has its new name, whatever becomes of the old one.
  (void)::unlink(from.c_str());
  return {};
}

Result<void> remove_file(const std::string& path) {
  if (::unlink(path.c_str()) != 0) {
    return system_failure("unable to remove");
  }
  return {};
}

void set_umask(mode_t mask) {
  (void)::umask(mask);
}

std::string directory_of(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  if (slash == std::string::npos) {
    return ".";
  }
  return slash == 0 ? "/" : path.substr(0, slash);
}

}  // namespace reqmail::sys
