#include "remote/smtp_transaction.h"

#include <string>
#include <string_view>
#include <utility>

#include "proto/smtp_data_out.h"
#include "remote/message_facts.h"
#include "sys/descriptor_io.h"

namespace reqmail::remote {

namespace {

// The message is read, converted and sent in pieces of about this size.
constexpr std::size_t kPiece = 65536;

}  // namespace

SmtpTransaction::SmtpTransaction(SmtpConnection& connection, proto::SmtpClientEnvelope envelope,
                                 int message, Signer* signer, bool fold_lines)
    : connection_(connection),
      message_(message),
      signer_(signer),
      fold_lines_(fold_lines),
      machine_(std::move(envelope), connection.extensions(), connection.login()) {}

// What the server has refused before stays refused.
bool SmtpTransaction::break_off() {
  if (machine_.is_decided()) {
    result_.ending = machine_.outcome();
    return false;
  }
  result_.possible_duplicate = dot_sent_;
  result_.last_words = connection_.last_words();
  return false;
}

bool SmtpTransaction::fail(Failure failure) {
  connection_.spoil();
  result_.failure = std::move(failure);
  return false;
}

bool SmtpTransaction::say(const Step& step) {
  if (step.send.empty()) {
    connection_.await_reply(machine_.reply_time());
    return true;
  }
  return connection_.say(step.send, machine_.reply_time()) || break_off();
}

// Nothing leaves without the fields that it should have.
bool SmtpTransaction::take_fields() {
  if (signer_ == nullptr) {
    return true;
  }
  auto fields = signer_->fields(connection_.end());
  if (!fields) {
    connection_.quit();
    return fail(fields.error());
  }
  fields_ = *std::move(fields);
  return true;
}

bool SmtpTransaction::send_message() {
  std::string piece(kPiece, '\0');
  std::string out;
  // Room for a piece with a line end added to every other byte would be waste; this fits most.
  out.reserve(kPiece + kPiece / 8);
  proto::SmtpDataEncoder encoder(fold_lines_);
  encoder.encode(fields_, out);
  for (;;) {
    const auto count = sys::read_some(message_, piece.data(), piece.size());
    if (!count) {
      return fail(temporary("Unable to read message. (#4.3.0)"));
    }
    if (*count == 0) {
      break;
    }
    if (out.size() >= kPiece) {
      if (!connection_.send(out)) {
        return break_off();
      }
      out.clear();
    }
    encoder.encode(std::string_view(piece).substr(0, *count), out);
  }
  if (!encoder.finish(out)) {
    return fail(permanent("SMTP cannot transfer messages with partial final lines. (#5.6.2)"));
  }
  dot_sent_ = true;
  if (!connection_.send(out)) {
    return break_off();
  }
  connection_.await_verdict(machine_.reply_time());
  return true;
}

bool SmtpTransaction::perform(Step step) {
  for (;;) {
    switch (step.next) {
    case proto::SmtpClientTransaction::Next::reply:
      return (!machine_.begins_data() || take_fields()) && say(step);
    case proto::SmtpClientTransaction::Next::facts:
      step = machine_.on_message_facts(look_at_message(message_, fold_lines_));
      break;
    case proto::SmtpClientTransaction::Next::message:
      return send_message();
    case proto::SmtpClientTransaction::Next::out_of_step:
      connection_.spoil();
      return break_off();
    case proto::SmtpClientTransaction::Next::done:
      result_.ending = machine_.outcome();
      return false;
    }
  }
}

SmtpTransactionResult SmtpTransaction::run() {
  bool goes_on = perform(machine_.begin());
  while (goes_on) {
    const auto reply = connection_.read_reply();
    goes_on = reply ? perform(machine_.on_reply(*reply)) : break_off();
  }
  connection_.done(machine_.needs_reset());
  result_.recipients = machine_.recipients();
  return std::move(result_);
}

}  // namespace reqmail::remote
