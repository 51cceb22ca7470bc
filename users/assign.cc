#include "users/assign.h"

#include <cstddef>

#include "base/ascii.h"
#include "base/text.h"

namespace reqmail::users {

namespace {

// The longest line that is accepted.
constexpr std::size_t kLineMax = std::size_t{1} << 20;
// After the address come user, uid, gid, home, dash and extension, each followed by a colon.
constexpr std::size_t kUserFields = 6;

void add_once(std::string& bytes, char byte) {
  if (bytes.find(byte) == std::string::npos) {
    bytes.push_back(byte);
  }
}

}  // namespace

std::optional<AssignmentRecord> parse_assignment(std::string_view line) {
  if (line.find('\0') != std::string_view::npos) {
    return std::nullopt;
  }
  const std::size_t end = line.find(':');
  if (end == std::string_view::npos || end == 0) {
    return std::nullopt;
  }
  const std::string address = base::lower(line.substr(1, end - 1));
  std::string_view rest = line.substr(end + 1);
  AssignmentRecord record;
  for (std::size_t field = 0; field < kUserFields; ++field) {
    const std::size_t colon = rest.find(':');
    if (colon == std::string_view::npos) {
      return std::nullopt;
    }
    if (field > 0) {
      record.value.push_back('\0');
    }
    record.value.append(rest.substr(0, colon));
    rest.remove_prefix(colon + 1);
  }
  record.key = base::concat({"!", address});
  if (line.front() != '+') {
    record.key.push_back('\0');
  } else if (!address.empty()) {
    record.wildcard_end = address.back();
  }
  return record;
}

CompileTrouble compile_assignments(sys::Reader& input, sys::CdbWriter& output) {
  std::string wildcard_ends;
  std::string line;
  for (;;) {
    line.clear();
    auto end = input.get_line(line, kLineMax);
    if (!end) {
      return CompileTrouble::unreadable;
    }
    if (!line.empty() && line.front() == '.') {
      break;
    }
    // Without the line with the dot, the file may be one that is still being written.
    const auto record =
        *end == sys::LineEnd::line ? parse_assignment(line) : std::optional<AssignmentRecord>();
    if (!record) {
      return CompileTrouble::bad_format;
    }
    if (record->wildcard_end) {
      add_once(wildcard_ends, *record->wildcard_end);
    }
    if (!output.add(record->key, record->value)) {
      return CompileTrouble::unwritable;
    }
  }
  if (!output.add("", wildcard_ends) || !output.finish()) {
    return CompileTrouble::unwritable;
  }
  return CompileTrouble::none;
}

}  // namespace reqmail::users
