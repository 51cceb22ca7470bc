#include "local/tools/feed_program.h"

#include <signal.h>
#include <unistd.h>

#include <cerrno>

#include "base/text.h"
#include "local/message_file.h"
#include "sys/error.h"
#include "sys/fd.h"
#include "sys/signals.h"
#include "sys/stream.h"

namespace reqmail::local {

namespace {

constexpr std::size_t kBuffer = (std::size_t{64} << 10) + 4096;

struct CopyOutcome {
  bool failed = false;
  int error = 0;
};

CopyOutcome copy(std::string_view head, int input, int output) {
  sys::Writer writer(output, kBuffer);
  MessageFile message(input);
  auto written = writer.put(head);
  while (written) {
    const auto piece = message.next();
    if (!piece) {
      return CopyOutcome{true, piece.error().error};
    }
    if (piece->empty()) {
      written = writer.flush();
      break;
    }
    written = writer.put(*piece);
  }
  if (!written && written.error().error != EPIPE) {
    return CopyOutcome{true, written.error().error};
  }
  return {};
}

}  // namespace

FeedOutcome feed_program(sys::ChildSpec child, std::string_view head, int input) {
  sys::reset_child_signal();
  auto pipe = sys::make_pipe();
  if (!pipe) {
    return FeedOutcome{FeedStep::create_pipe, pipe.error().error, {}};
  }
  child.descriptors = {{pipe->read.get(), STDIN_FILENO}};
  // A child would inherit that SIGPIPE is ignored, but filters rely on being killed by it.
  sys::default_signals({SIGPIPE});
  auto started = sys::spawn(child);
  sys::ignore_signals({SIGPIPE});
  if (!started) {
    return FeedOutcome{FeedStep::fork, started.error().error, {}};
  }
  pipe->read.close();
  const CopyOutcome copied = copy(head, input, pipe->write.get());
  if (copied.failed) {
    started->send_signal(SIGKILL);
  }
  pipe->write.close();
  const auto ended = started->wait();
  if (copied.failed) {
    return FeedOutcome{FeedStep::copy_input, copied.error, {}};
  }
  if (!ended) {
    return FeedOutcome{FeedStep::wait, ended.error().error, {}};
  }
  return FeedOutcome{FeedStep::done, 0, *ended};
}

std::string feed_failure_text(const FeedOutcome& outcome) {
  const std::string_view error = sys::error_text(outcome.error);
  switch (outcome.step) {
  case FeedStep::create_pipe:
    return base::concat({"unable to create pipe: ", error});
  case FeedStep::fork:
    return base::concat({"unable to fork: ", error});
  case FeedStep::copy_input:
    return base::concat({"unable to copy input: ", error});
  case FeedStep::wait:
    return base::concat({"wait failed: ", error});
  case FeedStep::done:
    break;
  }
  return outcome.status.crashed ? "child crashed" : "";
}

}  // namespace reqmail::local
