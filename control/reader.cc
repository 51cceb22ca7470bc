#include "control/reader.h"

#include <cerrno>
#include <string_view>

#include "base/ascii.h"
#include "base/number.h"
#include "base/text.h"
#include "sys/file.h"

namespace reqmail::control {

Result<std::optional<std::string>> read_text(const std::string& path) {
  auto text = sys::read_regular_file(path, kControlFileLimit);
  if (text) {
    return std::optional<std::string>(std::move(*text));
  }
  if (text.error().error == ENOENT) {
    return std::optional<std::string>();
  }
  return text.error();
}

Result<std::optional<std::string>> read_line(const std::string& path) {
  auto text = read_text(path);
  if (!text || !*text) {
    return text;
  }
  const std::string_view whole = **text;
  return std::optional<std::string>(base::trim_end(whole.substr(0, whole.find('\n'))));
}

Result<std::optional<std::uint64_t>> read_number(const std::string& path) {
  auto line = read_line(path);
  if (!line) {
    return line.error();
  }
  return *line ? base::leading_number(**line) : std::optional<std::uint64_t>();
}

Result<std::optional<std::vector<std::string>>> read_lines(const std::string& path) {
  auto lines = read_whole_lines(path);
  if (!lines || !*lines) {
    return lines;
  }
  std::vector<std::string> entries;
  for (const std::string& line : **lines) {
    // A line that begins with NUL counts as an empty line, whatever follows.
    if (line.front() == '\0') {
      continue;
    }
    for (const std::string_view entry : base::split(line, '\0')) {
      entries.emplace_back(entry);
    }
  }
  return std::optional<std::vector<std::string>>(std::move(entries));
}

Result<std::optional<std::vector<std::string>>> read_whole_lines(const std::string& path) {
  auto text = read_text(path);
  if (!text) {
    return text.error();
  }
  if (!*text) {
    return std::optional<std::vector<std::string>>();
  }
  std::vector<std::string> lines;
  for (const std::string_view line : base::lines(**text)) {
    const std::string_view trimmed = base::trim_end(line);
    if (!trimmed.empty() && trimmed.front() != '#') {
      lines.emplace_back(trimmed);
    }
  }
  return std::optional<std::vector<std::string>>(std::move(lines));
}

}  // namespace reqmail::control
