// The client's side of an SMTP transaction, which carries one message.
//
//   MAIL; positive -> RCPT for each recipient; one accepted -> DATA; positive -> the message;
//   positive -> accepted.
//
// Wherever the server says no, the transaction is done; the connection may be used again.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/time.h"
#include "mail/verdict_codec.h"
#include "proto/sasl_client.h"
#include "proto/smtp_client.h"
#include "proto/smtp_extensions.h"
#include "proto/smtp_reply.h"

namespace reqmail::proto {

// Who mails to whom: addresses as the queue has them, each can_be_sent(). At least one
// recipient.
struct SmtpClientEnvelope {
  std::string sender;
  std::vector<std::string> recipients;
};

class SmtpClientTransaction {
 public:
  enum class Next {
    reply,    // write `send`, then read a reply
    facts,    // look at the message, then call on_message_facts()
    message,  // write the message, encoded and ended, then read a reply
    done,     // outcome() says how
  };

  struct Step {
    std::string send;
    Next next = Next::reply;
  };

  // `login`: that of the connection, which replies must not show; it must outlive the machine.
  // Null: none.
  SmtpClientTransaction(SmtpClientEnvelope envelope, const SmtpExtensions& extensions,
                        const SaslLogin* login);

  // The first step, over a connection that is ready for it.
  Step begin();

  // Absent: they cannot be told without reading the message.
  Step on_message_facts(const std::optional<MessageFacts>& facts);

  Step on_reply(const SmtpReply& reply);

  // For the reply that comes next.
  [[nodiscard]] base::Seconds reply_time() const;

  // The message has been said to come, so that the next reply decides about it.
  [[nodiscard]] bool waits_for_verdict() const { return state_ == State::dot; }

  // The server has a sender or recipients of this transaction: RSET must be said before the
  // next.
  [[nodiscard]] bool needs_reset() const { return needs_reset_; }

  // Answers so far, in the order of the recipients.
  [[nodiscard]] const std::vector<RecipientOutcome>& recipients() const { return answered_; }

  // Valid after a step `done`.
  [[nodiscard]] const SmtpEnding& outcome() const { return outcome_; }

 private:
  enum class State { mail, rcpt, data, dot };

  Step command(State state, std::string line);
  Step next_recipient();
  Step on_recipient(const SmtpReply& reply);
  Step stop(SmtpStage stage, mail::Grade verdict, const SmtpReply& reply);

  SmtpClientEnvelope envelope_;
  SmtpExtensions extensions_;
  const SaslLogin* login_;
  State state_ = State::mail;
  bool any_accepted_ = false;
  bool needs_reset_ = false;
  std::vector<RecipientOutcome> answered_;
  SmtpEnding outcome_;
};

}  // namespace reqmail::proto
