// users/passwd and users/secrets as texts that can be edited. Order, comments and everything
// after the end line are kept.
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

// Returns "users/passwd" or "users/secrets", which is the path below qmail's home and the name
// in messages.
std::string_view user_file_path(UserFileKind kind);

class UserFile {
 public:
  // Makes an empty file.
  explicit UserFile(UserFileKind kind) : kind_(kind) {}

  // Parses a file. A line is an entry, a comment (it begins with # or is empty), or the end
  // line, which begins with a dot. users/passwd must have an end line, since otherwise the file
  // may be one that is still being written. A Failure names file and line.
  static Result<UserFile> parse(UserFileKind kind, std::string_view text);

  [[nodiscard]] UserFileKind kind() const { return kind_; }

  // Returns the whole entry of a login; nullopt if there is none.
  [[nodiscard]] std::optional<std::string_view> find(std::string_view login) const;

  // Replaces the login's entry in its place, or adds it after all others.
  void put(std::string_view login, std::string line);

  // Removes an entry; returns false if there was none.
  bool remove(std::string_view login);

  // Returns all entries in their order.
  [[nodiscard]] std::vector<std::string_view> entries() const;

  [[nodiscard]] std::string text() const;

  // Writes the records that qmail-checkpassword reads to `output` and finishes it.
  Result<void> compile(sys::CdbWriter& output) const;

 private:
  Result<void> take_line(std::string_view line);
  void index();

  UserFileKind kind_;
  std::vector<std::string> lines_;  // the lines before the end line
  std::string rest_ = ".\n";        // the end line and what follows it
  std::unordered_map<std::string, std::size_t> by_key_;
};

// Returns the login of an entry.
std::string_view login_of(std::string_view line);

}  // namespace reqmail::auth
