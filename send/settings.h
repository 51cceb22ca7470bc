// The settings that qmail-send reads from its control files (qmail-send(8)).
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "scheduler/bounce_text.h"
#include "scheduler/scheduler.h"

namespace reqmail::send {

struct SendSettings {
  scheduler::SchedulerConfig scheduler;
  scheduler::BounceNames bounce_names;
  scheduler::BounceForm bounce_form;
  // control/dsn
  bool reads_wishes = false;
  // control/me, which is read only at the start: at HUP locals falls back to this value too.
  std::optional<std::string> me;
  // What is wrong in files that count as absent therefore.
  std::vector<std::string> alerts;
};

// Reads the files below the current directory, which is qmail's home. The caller must set the
// split.
Result<SendSettings> read_send_settings();

// What is read again at HUP.
struct RereadSettings {
  scheduler::Event event;
  // nullopt if something could not be read: nothing changes then.
  std::optional<scheduler::BounceForm> bounce_form = std::nullopt;
  std::vector<std::string> alerts = {};
};

// Reads the files that count at HUP again, below `home`.
RereadSettings reread_send_settings(const std::string& home,
                                    const std::optional<std::string>& me);

}  // namespace reqmail::send
