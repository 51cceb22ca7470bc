#include "proto/smtp_client.h"

#include <utility>

#include "base/text.h"
#include "mail/address.h"

namespace reqmail::proto {

namespace {

constexpr int kServiceReady = 220;
constexpr int kOk = 250;

}  // namespace

bool can_be_sent(std::string_view address) {
  return address.find_first_of(std::string_view("\r\n\0", 3)) == std::string_view::npos;
}

SmtpClient::SmtpClient(std::string hello, std::string sender,
                       std::vector<std::string> recipients)
    : hello_(std::move(hello)), sender_(std::move(sender)), wanted_(std::move(recipients)) {}

SmtpClient::Step SmtpClient::command(State state, std::string line) {
  state_ = state;
  line.append("\r\n");
  return Step{std::move(line), Next::reply};
}

SmtpClient::Step SmtpClient::stop(SmtpStage stage, ReplyClass verdict, const SmtpReply& reply) {
  outcome_ = SmtpEnding{stage, verdict, reply.text};
  return Step{"QUIT\r\n", Next::close};
}

SmtpClient::Step SmtpClient::next_recipient() {
  return command(
      State::rcpt,
      base::concat({"RCPT TO:<", mail::quote_address(wanted_[answered_.size()]), ">"}));
}

SmtpClient::Step SmtpClient::on_hello(const SmtpReply& reply) {
  if (reply.code == kOk) {
    return command(State::mail,
                   base::concat({"MAIL FROM:<", mail::quote_address(sender_), ">"}));
  }
  // A server that knows no EHLO says so for good.
  if (state_ == State::ehlo && reply_class(reply.code) == ReplyClass::permanent) {
    return command(State::helo, "HELO " + hello_);
  }
  return stop(SmtpStage::hello, ReplyClass::temporary, reply);
}

SmtpClient::Step SmtpClient::on_recipient(const SmtpReply& reply) {
  const ReplyClass verdict = reply_class(reply.code);
  if (verdict == ReplyClass::positive) {
    any_accepted_ = true;
    answered_.push_back({});
  } else {
    answered_.push_back({verdict, reply.text});
  }
  if (answered_.size() < wanted_.size()) {
    return next_recipient();
  }
  if (!any_accepted_) {
    return stop(SmtpStage::recipients, ReplyClass::permanent, {});
  }
  return command(State::data, "DATA");
}

SmtpClient::Step SmtpClient::on_reply(const SmtpReply& reply) {
  const ReplyClass verdict = reply_class(reply.code);
  switch (state_) {
  case State::greeting:
    if (reply.code != kServiceReady) {
      return stop(SmtpStage::greeting, ReplyClass::temporary, reply);
    }
    return command(State::ehlo, "EHLO " + hello_);
  case State::ehlo:
  case State::helo:
    return on_hello(reply);
  case State::mail:
    if (verdict != ReplyClass::positive) {
      return stop(SmtpStage::sender, verdict, reply);
    }
    return next_recipient();
  case State::rcpt:
    return on_recipient(reply);
  case State::data:
    if (verdict != ReplyClass::positive) {
      return stop(SmtpStage::data, verdict, reply);
    }
    state_ = State::dot;
    return Step{{}, Next::message};
  case State::dot:
    break;
  }
  return stop(SmtpStage::message, verdict, reply);
}

}  // namespace reqmail::proto
