// The client's side of an SMTP session that carries one message: replies in, commands out. It
// neither reads nor writes.
//
//   greeting 220 -> EHLO; refused for good -> HELO; 250 -> MAIL; positive -> RCPT for each
//   recipient; one accepted -> DATA; positive -> the message; positive -> accepted.
//
// Wherever the server says no, the session ends with QUIT, whose answer nobody waits for.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "proto/smtp_reply.h"

namespace reqmail::proto {

// Where a session ended.
enum class SmtpStage { greeting, hello, sender, recipients, data, message };

struct SmtpEnding {
  SmtpStage stage = SmtpStage::greeting;
  // `positive` only at stage message: the server has the message. At greeting and hello, where
  // the server did not judge the mail, never permanent. At recipients, where each has an answer
  // of its own, no reply.
  ReplyClass verdict = ReplyClass::temporary;
  std::string reply;
};

// What the server said to a RCPT; `reply` is empty where it accepted.
struct RecipientOutcome {
  ReplyClass verdict = ReplyClass::positive;
  std::string reply;
};

// Whether an address may be written into a command: no CR, LF or NUL.
bool can_be_sent(std::string_view address);

class SmtpClient {
 public:
  enum class Next {
    // Write `send`, then read a reply.
    reply,
    // Write the message, encoded and ended, then read a reply.
    message,
    // Write `send` and close.
    close,
  };

  struct Step {
    std::string send;
    Next next = Next::reply;
  };

  // Addresses as the queue has them; each can_be_sent().
  SmtpClient(std::string hello, std::string sender, std::vector<std::string> recipients);

  // What to do after a reply; the first is the greeting, which comes unasked.
  Step on_reply(const SmtpReply& reply);

  // Answers so far, in the order of the recipients.
  [[nodiscard]] const std::vector<RecipientOutcome>& recipients() const { return answered_; }

  // Valid after a step `close`.
  [[nodiscard]] const SmtpEnding& outcome() const { return outcome_; }

 private:
  enum class State { greeting, ehlo, helo, mail, rcpt, data, dot };

  Step on_hello(const SmtpReply& reply);
  Step on_recipient(const SmtpReply& reply);
  Step command(State state, std::string line);
  Step next_recipient();
  Step stop(SmtpStage stage, ReplyClass verdict, const SmtpReply& reply);

  std::string hello_;
  std::string sender_;
  std::vector<std::string> wanted_;
  State state_ = State::greeting;
  bool any_accepted_ = false;
  std::vector<RecipientOutcome> answered_;
  SmtpEnding outcome_;
};

}  // namespace reqmail::proto
