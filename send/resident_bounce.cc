#include "send/resident_bounce.h"

#include <algorithm>
#include <cerrno>
#include <string_view>
#include <utility>

#include "mail/queue_service.h"
#include "mail/verdict_codec.h"

namespace reqmail::send {

namespace {

// qmailq must not occupy the loop, however fast it reads.
constexpr int kPiecesAtOnce = 32;

}  // namespace

void ResidentBounce::watch(sys::Poller& poller) {
  watch_.reset();
  if (queue_) {
    watch_ = step_ == Step::talking ? poller.watch_write(queue_->fd())
                                    : poller.watch_read(queue_->fd());
  }
}

bool ResidentBounce::serve(const sys::Poller& poller) {
  const auto index = std::exchange(watch_, std::nullopt);
  if (!index || !poller.ready(*index)) {
    return false;
  }
  if (step_ == Step::greeting) {
    take_greeting();
  }
  if (step_ == Step::talking) {
    feed();
  }
  return true;
}

void ResidentBounce::take_greeting() {
  switch (queue_->look_for_greeting()) {
  case submit::ResidentQueue::Greeting::awaited:
    break;
  case submit::ResidentQueue::Greeting::refused:
    step_ = Step::refused;
    queue_.reset();
    break;
  case submit::ResidentQueue::Greeting::come:
    text_.emplace(*std::exchange(order_, std::nullopt));
    step_ = Step::talking;
    break;
  }
}

// Sends the next piece of the buffer. The message ends with a piece of its own, which is empty.
Result<void> ResidentBounce::send_piece() {
  if (part_ == BounceText::Part::envelope && !is_in_envelope_) {
    auto ended = queue_->try_message({}, true);
    is_in_envelope_ = ended.has_value();
    return ended;
  }
  const auto piece = std::string_view(buffer_).substr(sent_, mail::kQueuePieceMax);
  auto sent = is_in_envelope_ ? queue_->try_envelope(piece) : queue_->try_message(piece, false);
  sent_ += sent ? piece.size() : 0;
  return sent;
}

void ResidentBounce::feed() {
  for (int pieces = 0; pieces < kPiecesAtOnce; ++pieces) {
    if (sent_ == buffer_.size()) {
      sent_ = 0;
      part_ = text_->next(buffer_);
      if (part_ == BounceText::Part::end || part_ == BounceText::Part::unreadable) {
        end(part_ == BounceText::Part::end);
        return;
      }
    }
    if (const auto sent = send_piece(); !sent) {
      if (sent.error().error != EAGAIN) {
        // The result says why.
        end(false);
      }
      return;
    }
  }
}

// Nothing follows; without a whole envelope qmailq queues nothing.
void ResidentBounce::end(bool whole) {
  is_whole_ = whole;
  queue_->end();
  step_ = Step::result;
}

void ResidentBounce::stop(int /*signal*/) {
  queue_.reset();
  step_ = Step::stopped;
}

std::optional<BounceResult> ResidentBounce::look() {
  if (step_ != Step::result && step_ != Step::stopped) {
    return std::nullopt;
  }
  BounceResult result{text_ ? text_->id() : order_->id, false, 0,
                      text_ ? text_->is_notice() : order_->paragraphs == nullptr};
  if (step_ == Step::stopped) {
    return result;
  }
  const auto ended = queue_->look_for_result();
  if (!ended) {
    return std::nullopt;
  }
  result.pid = queue_->number();
  result.queued = mail::queue_program_verdict(*ended, is_whole_, {}).has_value();
  return result;
}

std::optional<BounceTaker::Clock> ResidentBounce::patience() const {
  return step_ == Step::greeting ? std::optional(until_) : std::nullopt;
}

std::optional<BounceOrder> ResidentBounce::refused(Clock now) {
  if (step_ == Step::greeting && now >= until_) {
    step_ = Step::refused;
    queue_.reset();
  }
  return step_ == Step::refused ? std::exchange(order_, std::nullopt) : std::nullopt;
}

}  // namespace reqmail::send
