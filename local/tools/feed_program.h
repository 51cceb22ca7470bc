// Programs that get a message with something in front of it: preline, predate and qsmhook.
#pragma once

#include <string>
#include <string_view>

#include "base/program_end.h"
#include "sys/process.h"

namespace reqmail::local {

enum class FeedStep { create_pipe, fork, copy_input, wait, done };

struct FeedOutcome {
  FeedStep step = FeedStep::done;
  // The errno of a step that failed.
  int error = 0;
  // How the program ended, once all is done.
  base::ProgramEnd status;
};

// Starts a child whose descriptor 0 gets `head` and then everything that can be read from the
// descriptor `input`, and waits for it. A child that does not read it all is no failure. When
// the input cannot be read the child is killed, so that it does not take a part for the whole.
FeedOutcome feed_program(sys::ChildSpec child, std::string_view head, int input);

// "unable to copy input: ERROR" and the like; "child crashed" where that is what happened, else
// nothing.
std::string feed_failure_text(const FeedOutcome& outcome);

}  // namespace reqmail::local
