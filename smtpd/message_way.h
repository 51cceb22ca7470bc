// The way of one message into a queue program, for SMTP, QMTP and QMQP alike: the links of
// proto/message_sinks in their order, and the queue program at the end. A message that is held
// until it is judged ends in smtpd/held_message instead.
#pragma once

#include <cstdint>
#include <string_view>

#include "proto/message_sinks.h"
#include "proto/smtp_server.h"
#include "submit/injector.h"
#include "sys/patience.h"

namespace reqmail::smtpd {

// The last link. The time that the queue program takes is not that of the client: after a block
// that took long, in which the client could not send, its time begins anew.
class QueueSink final : public proto::MessageSink {
 public:
  // All three must outlive the link.
  QueueSink(submit::Injector& queue, sys::Patience& patience, const sys::LeastRate& rate)
      : queue_(queue), patience_(patience), rate_(rate) {}

  void take(std::string_view block) override;
  void give_up() override;

 private:
  submit::Injector& queue_;
  sys::Patience& patience_;
  const sys::LeastRate& rate_;
  bool given_up_ = false;
};

// The links that count and measure, before the one that keeps or sends the message.
class MessageMeter {
 public:
  enum class Hops { counted, ignored };

  // `databytes`: 0 is no limit. `next` must outlive it.
  MessageMeter(Hops hops, std::uint64_t databytes, proto::MessageSink& next);

  // A block of the message in stored form.
  void take(std::string_view block) { first_.take(block); }

  [[nodiscard]] proto::MessageFacts facts() const {
    return {.too_many_hops = hops_.too_many(), .size = size_.size()};
  }

 private:
  proto::SizeSink size_;
  proto::HopSink hops_;
  proto::MessageSink& first_;
};

class MessageWay {
 public:
  using Hops = MessageMeter::Hops;

  // `databytes`: 0 is no limit. `patience` and `rate` must outlive it.
  MessageWay(submit::Injector queue, Hops hops, std::uint64_t databytes,
             sys::Patience& patience, const sys::LeastRate& rate);

  // Our own trace fields, which are no part of the message as it came.
  void trace(std::string_view fields) { queue_.message(fields); }

  // A block of the message in stored form.
  void take(std::string_view block) { meter_.take(block); }

  [[nodiscard]] proto::MessageFacts facts() const { return meter_.facts(); }

  [[nodiscard]] MessageMeter& meter() { return meter_; }

  // For the envelope and the end.
  [[nodiscard]] submit::Injector& queue() { return queue_; }

 private:
  submit::Injector queue_;
  QueueSink end_;
  MessageMeter meter_;
};

}  // namespace reqmail::smtpd
