// What qmail-send looks for in the queue between other work: messages that are there at the
// start, and what was left over.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/time.h"
#include "mail/queue_names.h"
#include "queue/files.h"
#include "scheduler/events.h"
#include "send/recipient_lists.h"
#include "send/scan.h"

namespace reqmail::send {

class QueueScan {
 public:
  QueueScan(queue::Files& files, mail::QueueLayout layout);
  // The walks refer to it.
  QueueScan(const QueueScan&) = delete;
  QueueScan& operator=(const QueueScan&) = delete;

  // Begins to go through info/ for messages, through mess/ for leftovers.
  void find_messages();

  void find_leftovers() { leftovers_.start(); }

  // Directories that could not be listed are listed again.
  void retry();

  // Looks at one message.
  [[nodiscard]] std::optional<scheduler::Event> examine(mail::MessageId id,
                                                        base::Time now) const;

  // Returns whether local/N or remote/N may be there although no message of this number is
  // known. Nobody but qmail-send makes such files, so once all have been listed it is known.
  [[nodiscard]] bool may_have_list(mail::MessageId id) const {
    return !all_listed_ || strays_.contains(id);
  }

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
  void list_recipients(std::uint64_t index, const std::vector<mail::MessageId>& messages);
  void leave_out_messages(std::uint64_t index, std::vector<mail::MessageId>& leftovers);
  Step step_leftovers(base::Time now);

  queue::Files& files_;
  mail::QueueLayout layout_;
  QueueWalk messages_;
  // Those beside the directory of messages_ that is at hand, if they could be listed.
  std::optional<RecipientLists> lists_;
  // Numbers of recipient files without info/N.
  std::set<mail::MessageId> strays_;
  // Directories of recipient files that have not been listed yet.
  std::uint64_t unlisted_ = 0;
  bool all_listed_ = false;
  // While messages_ is under way: foreign_directories(), listed once for all messages, of which
  // there may be hundreds of thousands.
  std::optional<std::vector<std::string>> foreign_;
  QueueWalk leftovers_;
};

}  // namespace reqmail::send
