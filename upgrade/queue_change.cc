#include "upgrade/queue_change.h"

#include <chrono>

#include "base/number.h"
#include "base/text.h"
#include "mail/envelope.h"
#include "survey/running.h"
#include "sys/clock.h"
#include "sys/held_directory.h"
#include "sys/stream.h"
#include "upgrade/channels.h"
#include "upgrade/strays.h"
#include "upgrade/todo_layout.h"

namespace reqmail::upgrade {

namespace {

using std::chrono::milliseconds;

constexpr milliseconds kQueueProgramPatience{5000};
constexpr milliseconds kSweepPatience{30000};
constexpr milliseconds kLook{50};

// Makes a running qmail-send examine todo at once. This uses descriptors, since an account that
// can write queue/lock could direct root to any file.
void wake_send(const std::string& home) {
  const auto lock = sys::HeldDirectory::open(home + "/queue/lock");
  const auto trigger = lock ? lock->open_fifo("trigger") : lock.error();
  if (trigger) {
    (void)sys::write_all(trigger->get(), mail::kNul);
  }
}

}  // namespace

void wait_for_earlier_queue_programs(const std::string& home) {
  const auto limit = sys::monotonic() + kQueueProgramPatience;
  while (sys::monotonic() < limit && !survey::earlier_queue_programs(home).empty()) {
    sys::pause_for(kLook);
  }
}

Result<void> convert_queue(const std::string& home, const Record& record, Progress& say) {
  if (auto ended = end_strays(home, say); !ended) {
    return ended;
  }
  if (!record.channels) {
    return {};
  }
  const auto moved = empty_channels(home);
  if (!moved) {
    return moved.error();
  }
  if (*moved > 0) {
    say({"further channels had ", base::decimal(*moved),
         *moved == 1 ? " message: it goes by remote now" : " messages: they go by remote now"});
  }
  return {};
}

Result<void> sweep_todo(const std::string& home, const TodoLayout& layout) {
  const auto limit = sys::monotonic() + kSweepPatience;
  for (;;) {
    // This is asked before the sweep, since programs that end later may leave another message.
    const auto late = survey::earlier_queue_programs(home);
    if (auto divided =
            divide_todo(home, layout, late.empty() ? Moved::everything : Moved::messages);
        !divided) {
      return divided;
    }
    wake_send(home);
    if (late.empty()) {
      return {};
    }
    if (sys::monotonic() > limit) {
      return temporary(
          base::concat({"a newer qmail-queue (process ",
                        base::decimal(static_cast<std::uint64_t>(late.front())),
                        ") still takes a message: run rollback again when it has ended"}));
    }
    sys::pause_for(kLook);
  }
}

}  // namespace reqmail::upgrade
