// What a delivery is going to do: everything before its first instruction.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "local/dot_qmail.h"
#include "local/message_file.h"
#include "local/request.h"
#include "local/trace_lines.h"

namespace reqmail::local {

struct Plan {
  TraceLines trace;
  std::vector<Instruction> instructions;
  // The .qmail file allows nothing else.
  bool forward_only = false;
  // As in DotQmailName.
  std::optional<std::size_t> default_from;
  // The envelope sender of forwards.
  std::string new_sender;
};

// Enters the home directory, looks for a loop in the message and finds the instructions. With
// Request::describe the message is not read, and a home that is being edited is a warning on
// descriptor 2.
Result<Plan> prepare(const Request& request, MessageFile& message);

}  // namespace reqmail::local
