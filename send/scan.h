// Goes through the queue piece by piece between other work, for messages that are there at the
// start and for those that were never finished.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <utility>
#include <vector>

#include "base/result.h"
#include "mail/message_id.h"
#include "mail/queue_names.h"
#include "queue/files.h"

namespace reqmail::send {

// Iterates over the message numbers in all subdirectories of info or mess.
class QueueWalk {
 public:
  // Called with each subdirectory that was listed, before next() returns its numbers. They are
  // in ascending order, and the callee may remove some.
  using Listed =
      std::function<void(std::uint64_t index, std::vector<mail::MessageId>& numbers)>;

  QueueWalk(queue::Files& files, mail::QueueLayout layout, mail::QueueKind kind,
            Listed listed = {})
      : files_(files), layout_(layout), kind_(kind), listed_(std::move(listed)) {}

  void start();

  // Returns whether the walk has been started and is not complete.
  [[nodiscard]] bool active() const { return active_; }

  // Returns the next number, or nullopt if there is none just now (active() tells whether the
  // walk is complete). It is a Failure if a directory cannot be listed; its text is the path.
  // That directory is listed again after the others, once retry() has been called.
  Result<std::optional<mail::MessageId>> next();

  // Has the directories listed again that could not be listed.
  void retry();

  // Returns whether the walk has still to list this subdirectory.
  [[nodiscard]] bool will_list(std::uint64_t index) const;

  // Returns the subdirectories that it has still to list, in their order.
  [[nodiscard]] std::vector<std::uint64_t> to_list() const {
    return {directories_.rbegin(), directories_.rend()};
  }

  // Leaves these to another walk.
  void leave(const std::vector<std::uint64_t>& directories);

  // Starts with these subdirectories instead of all.
  void start(const std::vector<std::uint64_t>& directories);

  // Returns these numbers for a subdirectory that it has still to list, and does not list it.
  void take_over(std::uint64_t index, const std::vector<mail::MessageId>& numbers);

 private:
  queue::Files& files_;
  mail::QueueLayout layout_;
  mail::QueueKind kind_;
  Listed listed_;
  bool active_ = false;
  std::vector<std::uint64_t> directories_;
  std::vector<std::uint64_t> failed_;
  // The numbers in the current subdirectory.
  std::vector<mail::MessageId> numbers_;
  // How many of them have been returned.
  std::size_t given_ = 0;
};

}  // namespace reqmail::send
