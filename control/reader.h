// Control files: how their bytes become values (qmail-control(5)).
//
// Paths are relative to qmail's home, where programs have changed to before they read. A file
// that does not exist is no error: its value is absent. Anything else that keeps a file from
// being read is a Failure, whose `error` is the errno and whose text is free, since each
// program has its own words for it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"

namespace reqmail::control {

// No sane control file is larger.
inline constexpr std::size_t kControlFileLimit = std::size_t{64} << 20;

// The first line, without the blanks and tabs at its end; empty where the file is.
Result<std::optional<std::string>> read_line(const std::string& path);

// The number that the first line begins with; absent where it begins with no digit.
Result<std::optional<std::uint64_t>> read_number(const std::string& path);

// The lines without blanks and tabs at their ends, comments (#) and empty lines left out. A NUL
// within a line separates entries, as it always has.
Result<std::optional<std::vector<std::string>>> read_lines(const std::string& path);

// The same, but a NUL is a byte of its line like any other.
Result<std::optional<std::vector<std::string>>> read_whole_lines(const std::string& path);

// control/me and what falls back to it.
class Defaults {
 public:
  // Reads control/me.
  static Result<Defaults> load();

  [[nodiscard]] const std::optional<std::string>& me() const { return me_; }

  // The first line of a file, else me, else absent.
  [[nodiscard]] Result<std::optional<std::string>> line_or_me(const std::string& path) const;

  // The lines of a file, else me as the only one, else absent.
  [[nodiscard]] Result<std::optional<std::vector<std::string>>> lines_or_me(
      const std::string& path) const;

 private:
  explicit Defaults(std::optional<std::string> me) : me_(std::move(me)) {}

  std::optional<std::string> me_;
};

}  // namespace reqmail::control
