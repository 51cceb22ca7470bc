// A bounce that qmailq(8) takes into the queue, so that no queue program is executed for it.
#pragma once

#include <optional>
#include <string>

#include "send/bounce_taker.h"
#include "send/bounce_text.h"
#include "submit/resident_queue.h"

namespace reqmail::send {

class ResidentBounce final : public BounceTaker {
 public:
  // `queue` has been asked (ResidentQueue::begin()). If qmailq has not agreed at `until`, it
  // has refused.
  ResidentBounce(submit::ResidentQueue queue, BounceOrder order, Clock until)
      : queue_(std::move(queue)), order_(std::move(order)), until_(until) {}

  void watch(sys::Poller& poller) override;
  bool serve(const sys::Poller& poller) override;
  void stop(int signal) override;
  std::optional<BounceResult> look() override;
  [[nodiscard]] std::optional<Clock> patience() const override;
  std::optional<BounceOrder> refused(Clock now) override;

 private:
  enum class Step { greeting, refused, talking, result, stopped };

  void take_greeting();
  void feed();
  void end(bool whole);
  Result<void> send_piece();

  // nullopt when the connection has been given up.
  std::optional<submit::ResidentQueue> queue_;
  Step step_ = Step::greeting;
  // One of them: what is not begun, and what is.
  std::optional<BounceOrder> order_;
  std::optional<BounceText> text_;
  Clock until_;
  // What is to be sent, and what part of it has been.
  BounceText::Part part_ = BounceText::Part::message;
  std::string buffer_;
  std::size_t sent_ = 0;
  // The message has been ended, and so has the envelope.
  bool is_in_envelope_ = false;
  bool is_whole_ = false;
  std::optional<std::size_t> watch_;
};

}  // namespace reqmail::send
