// users/assign (qmail-users(5)) and the database that is made of it.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "sys/cdb.h"
#include "sys/stream.h"

namespace reqmail::users {

// One assignment as users/cdb holds it.
struct AssignmentRecord {
  std::string key;
  std::string value;
  // The last byte of a wildcard assignment's prefix, where it has one.
  std::optional<char> wildcard_end;
};

// A line `=local:user:uid:gid:home:dash:ext:` or `+prefix:...`, without its line end: eight
// fields, of which the last is not looked at. Nothing where it is malformed.
std::optional<AssignmentRecord> parse_assignment(std::string_view line);

enum class CompileTrouble { none, unreadable, bad_format, unwritable };

// Puts the assignments of `input`, up to the line that begins with a dot, into `output`, and
// the record that tells how wildcards end; then finishes it.
CompileTrouble compile_assignments(sys::Reader& input, sys::CdbWriter& output);

}  // namespace reqmail::users
