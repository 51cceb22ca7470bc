// What qmail-send reads from its control files (qmail-send(8)).
#pragma once

#include <optional>
#include <string>

#include "base/result.h"
#include "scheduler/bounce_text.h"
#include "scheduler/scheduler.h"

namespace reqmail::send {

struct SendSettings {
  scheduler::SchedulerConfig scheduler;
  scheduler::BounceNames bounce_names;
  // control/me, which is read at the start only: locals falls back to it at HUP too.
  std::optional<std::string> me;
};

// From the current directory, qmail's home. The split is left for the caller.
Result<SendSettings> read_send_settings();

// Reads locals and virtualdomains again, below `home`, at HUP; returns the event that tells of
// it.
scheduler::Event reread_send_settings(const std::string& home,
                                      const std::optional<std::string>& me);

}  // namespace reqmail::send
