// Going through the queue piece by piece between other work: the messages that are there at the
// start, and those that were never finished.
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

// The message numbers in all subdirectories of info or mess, one after the other.
class QueueWalk {
 public:
  // Called with each subdirectory that has been listed, before next() gives its numbers. They
  // are in ascending order, and some may be taken out.
  using Listed =
      std::function<void(std::uint64_t index, std::vector<mail::MessageId>& numbers)>;

  QueueWalk(queue::Files& files, mail::QueueLayout layout, mail::QueueKind kind,
            Listed listed = {})
      : files_(files), layout_(layout), kind_(kind), listed_(std::move(listed)) {}

  void start();

  // Has been started and is not through.
  [[nodiscard]] bool active() const { return active_; }

  // The next number; nullopt if there is none just now (active() tells whether the walk is
  // over). A Failure: a directory could not be listed, its text names it; it comes again after
  // the others, when retry() has been called.
  Result<std::optional<mail::MessageId>> next();

  // Directories that failed are listed again.
  void retry();

 private:
  queue::Files& files_;
  mail::QueueLayout layout_;
  mail::QueueKind kind_;
  Listed listed_;
  bool active_ = false;
  std::vector<std::uint64_t> directories_;
  std::vector<std::uint64_t> failed_;
  // Of the subdirectory at hand.
  std::vector<mail::MessageId> numbers_;
  // How many of them have been given out.
  std::size_t given_ = 0;
};

}  // namespace reqmail::send
