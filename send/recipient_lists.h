// The recipient files that belong to one subdirectory of info: local/S and remote/S, listed
// once for all messages in it.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "base/result.h"
#include "mail/message_id.h"
#include "queue/files.h"
#include "scheduler/channel.h"

namespace reqmail::send {

class RecipientLists {
 public:
  // Lists subdirectory `index`; returns nullopt if one of the two cannot be listed.
  static std::optional<RecipientLists> list(queue::Files& files, std::uint64_t index);

  // Returns whether the message had a list when the directory was listed.
  [[nodiscard]] bool contains(scheduler::Channel channel, mail::MessageId id) const;

  // Returns the current status. Failure.error is the errno; it is ENOENT also for a file that
  // did not exist when the directory was listed.
  [[nodiscard]] Result<queue::FileStatus> status(scheduler::Channel channel,
                                                 mail::MessageId id) const;

  // Returns the numbers of lists that belong to other messages than these, which are in
  // ascending order.
  [[nodiscard]] std::vector<mail::MessageId> others(
      const std::vector<mail::MessageId>& messages) const;

 private:
  RecipientLists() = default;

  scheduler::PerChannel<std::vector<mail::MessageId>> numbers_;
  scheduler::PerChannel<std::unique_ptr<queue::Directory>> directories_;
};

}  // namespace reqmail::send
