// users/passwd and users/secrets as texts that are edited: order, comments and what stands
// behind the end line are kept.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "auth/user_line.h"
#include "base/result.h"
#include "sys/cdb.h"

namespace reqmail::auth {

enum class UserFileKind { passwd, secrets };

// "users/passwd" or "users/secrets": below qmail's home, and what messages call it.
std::string_view user_file_path(UserFileKind kind);

class UserFile {
 public:
  // An empty one.
  explicit UserFile(UserFileKind kind) : kind_(kind) {}

  // A line is an entry, a comment (# or nothing at its beginning), or the end line, which
  // begins with a dot; users/passwd must have one, since without it the file may be one that is
  // still being written. A Failure names file and line.
  static Result<UserFile> parse(UserFileKind kind, std::string_view text);

  [[nodiscard]] UserFileKind kind() const { return kind_; }

  // The entry of a login, whole; nothing where there is none.
  [[nodiscard]] std::optional<std::string_view> find(std::string_view login) const;

  // Replaces the login's entry in its place, or adds it behind all others.
  void put(std::string_view login, std::string line);

  // False where there was none.
  bool remove(std::string_view login);

  // All entries, in their order.
  [[nodiscard]] std::vector<std::string_view> entries() const;

  [[nodiscard]] std::string text() const;

  // Puts the records that qmail-checkpassword reads into `output` and finishes it.
  Result<void> compile(sys::CdbWriter& output) const;

 private:
  Result<void> take_line(std::string_view line);
  void index();

  UserFileKind kind_;
  std::vector<std::string> lines_;  // up to the end line, without it
  std::string rest_ = ".\n";        // the end line and what follows
  std::unordered_map<std::string, std::size_t> by_key_;
};

// The login of an entry.
std::string_view login_of(std::string_view line);

}  // namespace reqmail::auth
