// What qmail-send reads from its control files (qmail-send(8)).
#pragma once

#include <optional>
#include <string>

#include "base/result.h"
#include "control/reader.h"
#include "scheduler/bounce_text.h"
#include "scheduler/scheduler.h"

namespace reqmail::send {

struct SendSettings {
  scheduler::SchedulerConfig scheduler;
  scheduler::BounceNames bounce_names;
  // What locals falls back to at HUP too: control/me is read at the start only.
  control::Defaults defaults;
};

// From the current directory, qmail's home. The split is left for the caller.
Result<SendSettings> read_send_settings();

// HUP: locals and virtualdomains again, below `home`; the event that tells of it.
scheduler::Event reread_send_settings(const std::string& home,
                                      const control::Defaults& defaults);

}  // namespace reqmail::send
