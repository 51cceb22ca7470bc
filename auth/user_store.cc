#include "auth/user_store.h"

#include <sys/stat.h>

#include <cerrno>
#include <functional>

#include "base/text.h"
#include "sys/error.h"
#include "sys/file.h"
#include "sys/lock.h"
#include "sys/stream.h"

namespace reqmail::auth {

namespace {

constexpr mode_t kMode = 0600;
constexpr std::size_t kFileMax = std::size_t{1} << 30;
constexpr const char* kLock = "users/passwd.lock";
constexpr const char* kDirectory = "users";

Failure trouble(std::string_view what, std::string_view path, const Failure& failure) {
  return sys::system_failure(base::concat({what, path}), failure.error);
}

// Makes a new file next to `path`, filled by `fill`, syncs it and renames it to `path`.
Result<void> replace(const std::string& path, const std::function<Result<void>(int fd)>& fill) {
  const std::string fresh = path + ".tmp";
  // A file that a killed process has left may have another owner or mode.
  (void)sys::remove_file(fresh);
  auto file = sys::create_exclusive(fresh, kMode);
  if (!file) {
    return trouble("unable to write ", fresh, file.error());
  }
  auto written = fill(file->get());
  if (written) {
    written = sys::sync(file->get());
  }
  if (!written) {
    (void)sys::remove_file(fresh);
    return trouble("unable to write ", fresh, written.error());
  }
  if (auto moved = sys::rename_file(fresh, path); !moved) {
    (void)sys::remove_file(fresh);
    return trouble(base::concat({"unable to move ", fresh, " to "}), path, moved.error());
  }
  if (auto synced = sys::sync_directory(kDirectory); !synced) {
    return trouble("unable to sync ", kDirectory, synced.error());
  }
  return {};
}

}  // namespace

Result<sys::Fd> lock_users() {
  auto file = sys::open_append(kLock, kMode);
  if (!file) {
    return trouble("unable to open ", kLock, file.error());
  }
  if (auto locked = sys::lock_exclusive(file->get()); !locked) {
    return trouble("unable to lock ", kLock, locked.error());
  }
  return file;
}

Result<UserFile> read_user_file(UserFileKind kind) {
  const std::string path(user_file_path(kind));
  auto text = sys::read_file(path, kFileMax);
  if (!text) {
    return trouble("unable to read ", path, text.error());
  }
  return UserFile::parse(kind, *text);
}

Result<UserFile> read_or_begin(UserFileKind kind) {
  auto file = read_user_file(kind);
  if (!file && file.error().error == ENOENT) {
    return UserFile(kind);
  }
  return file;
}

Result<void> write_user_file(const UserFile& file) {
  const std::string text = file.text();
  return replace(std::string(user_file_path(file.kind())),
                 [&text](int fd) { return sys::write_all(fd, text); });
}

Result<void> write_database(const UserFile& file) {
  return replace(base::concat({user_file_path(file.kind()), ".cdb"}),
                 [&file](int fd) -> Result<void> {
                   auto writer = sys::CdbWriter::start(fd);
                   return writer ? file.compile(*writer) : Result<void>(writer.error());
                 });
}

bool others_can_read(UserFileKind kind) {
  const auto info = sys::status(std::string(user_file_path(kind)));
  return info && (info->st_mode & (S_IRWXG | S_IRWXO)) != 0;
}

}  // namespace reqmail::auth
