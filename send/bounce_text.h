// The bytes of a bounce for the queue: the message, made from its order piece by piece, and the
// envelope.
#pragma once

#include <cstddef>
#include <optional>
#include <string>

#include "mail/message_id.h"
#include "scheduler/delivery_status.h"
#include "scheduler/message_excerpt.h"
#include "send/bounce.h"

namespace reqmail::send {

class BounceText {
 public:
  explicit BounceText(BounceOrder order);

  // What next() has returned: bytes of the message; the envelope, which comes once and whole;
  // nothing, since all has been returned; nothing, since a file could not be read, so that the
  // bounce must not be queued.
  enum class Part { message, envelope, end, unreadable };

  // Replaces `bytes` by the next bytes.
  Part next(std::string& bytes);

  [[nodiscard]] mail::MessageId id() const { return order_.id; }

  // It is a report on recipients that have not failed.
  [[nodiscard]] bool is_notice() const { return order_.paragraphs == nullptr; }

 private:
  enum class Step { head, paragraphs, status, failures, tail, message, closing, envelope, end };

  void take_step(std::string& bytes);
  void take_from(queue::File& file, Step next, std::string& bytes);
  void take_failures(std::string& bytes);
  void take_message(std::string& bytes);
  std::optional<std::size_t> read_piece(queue::File& file);

  BounceOrder order_;
  scheduler::FailedRecipients failures_;
  scheduler::MessageExcerpt excerpt_;
  Step step_ = Step::head;
  bool is_readable_ = true;
  std::string piece_;
};

}  // namespace reqmail::send
