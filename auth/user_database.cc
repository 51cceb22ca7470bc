#include "auth/user_database.h"

#include <sys/stat.h>

#include <cerrno>

#include "base/text.h"
#include "sys/error.h"
#include "sys/file.h"

namespace reqmail::auth {

namespace {

constexpr mode_t kWritableByOthers = S_IWGRP | S_IWOTH;

}  // namespace

std::string encode_settings(const std::vector<std::string>& settings) {
  std::string text;
  for (const std::string& setting : settings) {
    text.append(setting);
    text.push_back('\0');
  }
  return text;
}

Result<UserDatabase> UserDatabase::open(const std::string& path) {
  UserDatabase database(path);
  const auto info = sys::status(path);
  if (!info && info.error().error == ENOENT) {
    return Result<UserDatabase>(std::move(database));
  }
  if (info && (info->st_uid != 0 || (info->st_mode & kWritableByOthers) != 0)) {
    return temporary(base::concat({path, " can be written by others than root"}), EPERM);
  }
  auto cdb = sys::CdbReader::open(path);
  if (!cdb) {
    const int error = cdb.error().error;
    return error == EPROTO
               ? database.damaged()
               : temporary(
                     base::concat({"unable to read ", path, ": ", sys::error_text(error)}),
                     error);
  }
  database.cdb_ = std::move(*cdb);
  return Result<UserDatabase>(std::move(database));
}

Failure UserDatabase::damaged() const {
  return temporary(base::concat({path_, " is damaged (qmail-newpasswd makes it anew)"}),
                   EPROTO);
}

Result<std::optional<std::string>> UserDatabase::find(std::string_view key) {
  if (!cdb_) {
    return std::optional<std::string>();
  }
  auto found = cdb_->find(key);
  return found ? found : Result<std::optional<std::string>>(damaged());
}

Result<std::optional<User>> UserDatabase::find_user(std::string_view login) {
  if (!check_login(login)) {
    return std::optional<User>();
  }
  auto record = find(login_key(login));
  if (!record) {
    return record.error();
  }
  if (!*record) {
    return std::optional<User>();
  }
  auto user = parse_user(**record);
  if (!user) {
    return damaged();
  }
  return std::optional<User>(std::move(*user));
}

Result<std::optional<std::string>> UserDatabase::find_secret(std::string_view login) {
  if (!check_login(login)) {
    return std::optional<std::string>();
  }
  return find(login_key(login));
}

Result<std::vector<std::string>> UserDatabase::settings(std::string_view key) {
  auto record = find(key);
  if (!record) {
    return record.error();
  }
  std::vector<std::string> settings;
  if (*record) {
    for (const std::string_view setting : base::split(**record, '\0')) {
      if (!setting.empty()) {
        settings.emplace_back(setting);
      }
    }
  }
  return settings;
}

}  // namespace reqmail::auth
