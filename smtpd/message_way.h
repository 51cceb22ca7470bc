// The way of one message into a queue program, for SMTP, QMTP and QMQP alike: the sinks of
// proto/message_sinks in their order, and the queue program at the end. For a message that is
// held until it is judged, smtpd/held_message is at the end instead.
#pragma once

#include <cstdint>
#include <string_view>

#include "proto/message_sinks.h"
#include "proto/smtp_server.h"
#include "submit/injector.h"
#include "sys/patience.h"

namespace reqmail::smtpd {

// The last sink. The time that the queue program takes does not count against the client: the
// time limit starts anew after a block that took long, since the client could not send
// meanwhile.
class QueueSink final : public proto::MessageSink {
 public:
  // The three arguments must outlive the sink.
  QueueSink(submit::Injector& queue, sys::Patience& patience, const sys::LeastRate& rate)
      : queue_(queue), patience_(patience), rate_(rate) {}

  void take(std::string_view block) override;
  void give_up() override;

  // If the message begins with a folded line, an empty line comes before it.
  void separate_folded_top() { separates_ = true; }

 private:
  submit::Injector& queue_;
  sys::Patience& patience_;
  const sys::LeastRate& rate_;
  bool separates_ = false;
  bool given_up_ = false;
};

// The sinks that count and measure, before the one that keeps or sends the message.
class MessageMeter {
 public:
  enum class Hops { counted, ignored };

  // A `databytes` of 0 means that there is no limit. `next` must outlive the object.
  MessageMeter(Hops hops, std::uint64_t databytes, proto::MessageSink& next);

  // Takes a block of the message in stored form.
  void take(std::string_view block) { first_.take(block); }

  [[nodiscard]] proto::MessageFindings facts() const {
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

  // A `databytes` of 0 means that there is no limit. `patience` and `rate` must outlive the
  // object.
  MessageWay(submit::Injector queue, Hops hops, std::uint64_t databytes,
             sys::Patience& patience, const sys::LeastRate& rate);

  // Adds trace fields of our own, which count neither as size nor as hops of the message.
  void trace(std::string_view fields) { queue_.message(fields); }

  // Does the same with fields that no line of the client's may continue.
  void fields_on_top(std::string_view fields);

  // Takes a block of the message in stored form.
  void take(std::string_view block) { meter_.take(block); }

  [[nodiscard]] proto::MessageFindings facts() const { return meter_.facts(); }

  [[nodiscard]] MessageMeter& meter() { return meter_; }

  // Returns the queue program, which still needs the envelope and the end.
  [[nodiscard]] submit::Injector& queue() { return queue_; }

 private:
  submit::Injector queue_;
  QueueSink end_;
  MessageMeter meter_;
};

}  // namespace reqmail::smtpd
