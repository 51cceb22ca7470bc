// What qmail-send looks for in the queue between other work: messages that are there at the
// start, and what was left over.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/time.h"
#include "mail/queue_names.h"
#include "queue/files.h"
#include "scheduler/events.h"
#include "send/scan.h"

namespace reqmail::send {

class QueueScan {
 public:
  QueueScan(queue::Files& files, mail::QueueLayout layout);

  // Begins to go through info/ for messages, through mess/ for leftovers.
  void find_messages() { messages_.start(); }

  void find_leftovers() { leftovers_.start(); }

  // Directories that could not be listed are listed again.
  void retry();

  // Looks at one message.
  [[nodiscard]] std::optional<scheduler::Event> examine(mail::MessageId id,
                                                        base::Time now) const;

  struct Step {
    // There was something to look at.
    bool any = false;
    // What was found.
    std::optional<scheduler::Event> event;
  };

  // Looks at the next message or leftover.
  Step step(base::Time now);

 private:
  Step step_messages(base::Time now);
  Step step_leftovers(base::Time now);

  queue::Files& files_;
  mail::QueueLayout layout_;
  QueueWalk messages_;
  // While messages_ is under way: foreign_directories(), listed once for all messages, of which
  // there may be hundreds of thousands.
  std::optional<std::vector<std::string>> foreign_;
  QueueWalk leftovers_;
};

}  // namespace reqmail::send
