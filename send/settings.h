// The settings that qmail-send reads from its control files (qmail-send(8)).
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
  // control/me, which is read only at the start: at HUP locals falls back to this value too.
  std::optional<std::string> me;
};

// Reads the files below the current directory, which is qmail's home. The caller must set the
// split.
Result<SendSettings> read_send_settings();

// Reads locals and virtualdomains below `home` again at HUP; returns the event for the
// scheduler.
scheduler::Event reread_send_settings(const std::string& home,
                                      const std::optional<std::string>& me);

}  // namespace reqmail::send
