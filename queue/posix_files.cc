#include "queue/posix_files.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <optional>
#include <utility>

#include "base/text.h"
#include "sys/directory.h"
#include "sys/error.h"
#include "sys/fd.h"
#include "sys/file.h"
#include "sys/opened_file.h"
#include "sys/stream.h"

namespace reqmail::queue {

namespace {

FileStatus convert(const struct ::stat& found) {
  FileStatus status;
  status.inode = found.st_ino;
  status.size = static_cast<std::uint64_t>(found.st_size);
  status.modified = base::from_epoch(found.st_mtime);
  status.accessed = base::from_epoch(found.st_atime);
  status.owner = found.st_uid;
  status.directory = S_ISDIR(found.st_mode);
  status.regular = S_ISREG(found.st_mode);
  return status;
}

class PosixFile final : public File {
 public:
  explicit PosixFile(sys::Fd fd, std::optional<FileStatus> status = std::nullopt)
      : fd_(std::move(fd)), status_(status) {}

  Result<void> write(std::string_view bytes) override {
    return sys::write_all(fd_.get(), bytes);
  }

  Result<void> write_at(std::uint64_t offset, std::string_view bytes) override {
    while (!bytes.empty()) {
      const ssize_t count =
          ::pwrite(fd_.get(), bytes.data(), bytes.size(), static_cast<off_t>(offset));
      if (count < 0) {
        if (errno == EINTR) {
          continue;
        }
        return sys::system_failure("unable to write");
      }
      bytes.remove_prefix(static_cast<std::size_t>(count));
      offset += static_cast<std::uint64_t>(count);
    }
    return {};
  }

  Result<std::size_t> read(char* buffer, std::size_t size) override {
    return sys::read_some(fd_.get(), buffer, size);
  }

  Result<void> sync() override { return sys::sync(fd_.get()); }

  void begin_writeback() override {
    // The kernel allocates blocks now, so that the commit for the fsync of another file
    // includes them.
    sys::start_writing(fd_.get());
  }

  Result<FileStatus> status() override {
    if (status_) {
      return *status_;
    }
    auto found = sys::status(fd_.get());
    if (!found) {
      return found.error();
    }
    return convert(*found);
  }

 private:
  sys::Fd fd_;
  std::optional<FileStatus> status_;
};

class PosixDirectory final : public Directory {
 public:
  explicit PosixDirectory(sys::Fd fd) : fd_(std::move(fd)) {}

  Result<FileStatus> status(const std::string& name) override {
    struct ::stat found = {};
    if (::fstatat(fd_.get(), name.c_str(), &found, 0) != 0) {
      return sys::system_failure(base::concat({"unable to stat ", name}));
    }
    return convert(found);
  }

 private:
  sys::Fd fd_;
};

Result<std::unique_ptr<File>> wrap(Result<sys::Fd> fd) {
  if (!fd) {
    return fd.error();
  }
  return std::unique_ptr<File>(std::make_unique<PosixFile>(std::move(*fd)));
}

}  // namespace

Result<std::unique_ptr<File>> PosixFiles::create(const std::string& path, mode_t mode) {
  return wrap(sys::create_exclusive(path, mode));
}

Result<std::unique_ptr<File>> PosixFiles::open_append(const std::string& path) {
  return wrap(sys::open_regular_append(path));
}

Result<std::unique_ptr<File>> PosixFiles::open_write(const std::string& path) {
  return wrap(sys::open_regular_write(path));
}

Result<std::unique_ptr<File>> PosixFiles::open_read(const std::string& path) {
  auto opened = sys::open_regular_with_status(path);
  if (!opened) {
    return opened.error();
  }
  return std::unique_ptr<File>(
      std::make_unique<PosixFile>(std::move(opened->fd), convert(opened->status)));
}

Result<void> PosixFiles::link(const std::string& from, const std::string& to) {
  if (::link(from.c_str(), to.c_str()) != 0) {
    return sys::system_failure(base::concat({"unable to link ", from, " to ", to}));
  }
  return {};
}

Result<void> PosixFiles::rename(const std::string& from, const std::string& to) {
  return sys::rename_to_new(from, to);
}

Result<void> PosixFiles::unlink(const std::string& path) {
  if (::unlink(path.c_str()) != 0) {
    return sys::system_failure(base::concat({"unable to unlink ", path}));
  }
  return {};
}

void PosixFiles::keep_open(const std::string& path) {
  if (auto directory = sys::open_directory(path)) {
    kept_.insert_or_assign(path, std::move(*directory));
  }
}

Result<void> PosixFiles::sync_directory(const std::string& path) {
  if (const auto kept = kept_.find(path); kept != kept_.end()) {
    return sys::sync_directory(kept->second.get());
  }
  return sys::sync_directory(path);
}

Result<FileStatus> PosixFiles::status(const std::string& path) {
  auto found = sys::status(path);
  if (!found) {
    return found.error();
  }
  return convert(*found);
}

Result<std::vector<std::string>> PosixFiles::list(const std::string& path) {
  return sys::list_directory(path);
}

Result<std::unique_ptr<Directory>> PosixFiles::open_directory(const std::string& path) {
  auto fd = sys::open_directory(path);
  if (!fd) {
    return fd.error();
  }
  return std::unique_ptr<Directory>(std::make_unique<PosixDirectory>(std::move(*fd)));
}

Result<void> PosixFiles::set_times(const std::string& path, base::Time time) {
  struct ::timespec times[2] = {};
  times[0].tv_sec = times[1].tv_sec = base::to_epoch(time);
  if (::utimensat(AT_FDCWD, path.c_str(), times, 0) != 0) {
    return sys::system_failure(base::concat({"unable to utime ", path}));
  }
  return {};
}

}  // namespace reqmail::queue
