// Passes a message with additional lines before it to a program, for preline, predate and
// qsmhook.
#pragma once

#include <string>
#include <string_view>

#include "base/program_end.h"
#include "sys/process.h"

namespace reqmail::local {

enum class FeedStep { create_pipe, fork, copy_input, wait, done };

struct FeedOutcome {
  FeedStep step = FeedStep::done;
  // The errno of the step that failed.
  int error = 0;
  // How the program ended, if every step succeeded.
  base::ProgramEnd status;
};

// Starts a child whose descriptor 0 gets `head` and then everything from the descriptor
// `input`, and waits for it. It is no failure if the child does not read everything. If the
// input cannot be read, the child is killed, so that it does not treat a part as the whole
// message.
FeedOutcome feed_program(sys::ChildSpec child, std::string_view head, int input);

// Returns a text such as "unable to copy input: ERROR", or "child crashed"; empty if nothing
// failed.
std::string feed_failure_text(const FeedOutcome& outcome);

}  // namespace reqmail::local
