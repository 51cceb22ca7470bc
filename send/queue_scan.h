// Finds messages that are in the queue at the start, and leftovers of unfinished ones, one at a
// time. send/scan_pieces.h does this beside the main loop.
#pragma once

#include <cstdint>
#include <memory>
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
  // The walks refer to the object, so it cannot be copied.
  QueueScan(const QueueScan&) = delete;
  QueueScan& operator=(const QueueScan&) = delete;

  // Begins to go through info/ for messages, or through mess/ for leftovers.
  void find_messages();

  void find_leftovers() { leftovers_.start(); }

  // Gives every other directory that has not been listed yet to another scan, which may go on
  // at the same time. Returns null if there are too few.
  std::unique_ptr<QueueScan> divide();

  // Lists the directories again that could not be listed.
  void retry();

  // Returns whether there are messages or directories that have not been gone through yet,
  // those included that could not be listed.
  [[nodiscard]] bool finds_messages() const { return messages_.active(); }

  // Returns whether local/N or remote/N may exist although no message of this number is known.
  // Only qmail-send makes such files, so this is known once all directories have been listed.
  [[nodiscard]] bool may_have_list(mail::MessageId id) const {
    return !all_listed_ || strays_.contains(id);
  }

  struct Step {
    // Whether there was something to examine.
    bool any = false;
    // The event for the scheduler, if there is one.
    std::optional<scheduler::Event> event;
  };

  // Examines the next message or leftover.
  Step step(base::Time now);

 private:
  Step step_messages(base::Time now);
  void list_recipients(std::uint64_t index, const std::vector<mail::MessageId>& messages);
  void list_leftovers(std::uint64_t index, const std::vector<mail::MessageId>& messages);
  void leave_out_messages(std::uint64_t index, std::vector<mail::MessageId>& leftovers);
  Step step_leftovers(base::Time now);

  queue::Files& files_;
  mail::QueueLayout layout_;
  QueueWalk messages_;
  // The recipient lists for the current directory of messages_, if they could be listed.
  std::optional<RecipientLists> lists_;
  // The numbers of recipient files without info/N.
  std::set<mail::MessageId> strays_;
  // The number of directories of recipient files that it has still to list.
  std::uint64_t unlisted_ = 0;
  bool all_listed_ = false;
  // foreign_directories() while messages_ is active. It is listed only once for all messages,
  // of which there may be hundreds of thousands.
  std::optional<std::vector<std::string>> foreign_;
  QueueWalk leftovers_;
};

}  // namespace reqmail::send
