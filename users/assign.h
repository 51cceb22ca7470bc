// users/assign (qmail-users(5)), and the database that is compiled from it.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "sys/cdb.h"
#include "sys/stream.h"

namespace reqmail::users {

// One assignment in the form of users/cdb.
struct AssignmentRecord {
  std::string key;
  std::string value;
  // The last byte of a wildcard assignment's prefix; nullopt if the prefix is empty or the
  // assignment is simple.
  std::optional<char> wildcard_end;
};

// Parses a line `=local:user:uid:gid:home:dash:ext:` or `+prefix:...`, without its line end. It
// has eight fields, the last of which is ignored. Returns nullopt if it is malformed.
std::optional<AssignmentRecord> parse_assignment(std::string_view line);

enum class CompileTrouble { none, unreadable, bad_format, unwritable };

// Compiles the assignments of `input`, up to the line that begins with a dot, into `output`,
// adds the record that lists the last bytes of wildcards, and finishes the database.
CompileTrouble compile_assignments(sys::Reader& input, sys::CdbWriter& output);

}  // namespace reqmail::users
