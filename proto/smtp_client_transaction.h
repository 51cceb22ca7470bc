// The client's side of an SMTP transaction, which carries one message, as a state machine:
//
//   MAIL; positive -> RCPT for each recipient; one accepted -> DATA; positive -> the message;
//   positive -> accepted.
//
// If the server refuses at any point, the transaction is over; the connection may be used
// again. With SmtpClientEnvelope::pipelined, MAIL and all RCPT are sent at once to a server
// with PIPELINING (RFC 2920); their replies are the same one by one. With data_too, DATA goes
// with them: if the server then wants a message that nobody gets, it gets an empty one (section
// 3.1), unless somebody might get that. Replies are then taken more strictly, since each must
// be the one to what it seems to answer: only 354 asks for the message, and only 2xx accepts
// it.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "base/time.h"
#include "mail/dsn.h"
#include "mail/verdict_codec.h"
#include "proto/sasl_client.h"
#include "proto/smtp_client.h"
#include "proto/smtp_extensions.h"
#include "proto/smtp_reply.h"

namespace reqmail::proto {

// The envelope: addresses in the form that the queue has, for each of which can_be_sent() is
// true. There is at least one recipient.
struct SmtpClientEnvelope {
  std::string sender;
  std::vector<std::string> recipients;
  // What the sender wants to be told; a server without DSN does not get it.
  mail::DsnRequest dsn = {};
  // Mail that is not ASCII in its envelope or header needs SMTPUTF8. A server without it gets
  // domains as A-labels if everything else is ASCII.
  bool utf8 = false;
  bool pipelined = false;
  bool data_too = false;
};

class SmtpClientTransaction {
 public:
  enum class Next {
    reply,    // write `send` if it is not empty, then read a reply
    facts,    // examine the message, then call on_message_facts()
    message,  // write the encoded message and its end, then read a reply
    done,     // outcome() has the result
    // Done, and no more can be said over the connection: the replies may not be those to what
    // was said. outcome() has the result if is_decided().
    out_of_step,
  };

  struct Step {
    std::string send;
    Next next = Next::reply;
  };

  // `login` is the login of the connection, which replies must not show; it must outlive the
  // state machine. Null means that there is none.
  SmtpClientTransaction(SmtpClientEnvelope envelope, const SmtpExtensions& extensions,
                        const SaslLogin* login);

  // Returns the first step; the connection must be ready for a transaction.
  Step begin();

  // The facts are absent if they cannot be found out without reading the message.
  Step on_message_facts(const std::optional<MessageFacts>& facts);

  Step on_reply(const SmtpReply& reply);

  // Returns the time limit for the next reply.
  [[nodiscard]] base::Seconds reply_time() const;

  // Returns whether the message has been sent, so that the next reply decides about it.
  [[nodiscard]] bool waits_for_verdict() const { return state_ == State::dot; }

  // Returns whether the last step says DATA: the message must be complete before it is carried
  // out.
  [[nodiscard]] bool begins_data() const {
    return state_ == (pipelines_data() ? State::mail : State::data);
  }

  // Returns whether the server remembers a sender or recipients, so that RSET must be said
  // before the next transaction.
  [[nodiscard]] bool needs_reset() const { return needs_reset_; }

  // Returns the outcomes so far, in the order of the recipients.
  [[nodiscard]] const std::vector<RecipientOutcome>& recipients() const { return answered_; }

  // Returns whether outcome() is known, even if replies to what was sent already are to come.
  [[nodiscard]] bool is_decided() const { return decided_; }

  // Valid after a step with `done`, and when is_decided() is true.
  [[nodiscard]] const SmtpEnding& outcome() const { return outcome_; }

 private:
  enum class State { mail, rcpt, refused, data, dot, empty };

  // Returns whether the mail can be sent to this server.
  bool fit_to_server(bool eight_bit_header);
  [[nodiscard]] std::string in_command(std::string_view address) const;
  Step command(State state, std::string line);
  [[nodiscard]] std::string recipient_line(const std::string& recipient) const;
  Step next_recipient();
  Step on_sender(const SmtpReply& reply);
  Step on_recipient(const SmtpReply& reply);
  Step on_data(const SmtpReply& reply);
  Step on_verdict(const SmtpReply& reply);
  void note_recipient(const SmtpReply& reply);
  Step skip_replies(std::size_t count);
  Step on_skipped(const SmtpReply& reply);

  [[nodiscard]] bool passes_dsn() const { return extensions_.dsn && !envelope_.dsn.empty(); }

  [[nodiscard]] bool pipelines() const { return envelope_.pipelined && extensions_.pipelining; }

  [[nodiscard]] bool pipelines_data() const { return pipelines() && envelope_.data_too; }

  Step stop(SmtpStage stage, mail::Grade verdict, const SmtpReply& reply);

  SmtpClientEnvelope envelope_;
  SmtpExtensions extensions_;
  const SaslLogin* login_;
  bool says_utf8_ = false;
  State state_ = State::mail;
  bool any_accepted_ = false;
  // By any line of a reply, the server may have a recipient.
  bool may_have_recipient_ = false;
  bool needs_reset_ = false;
  bool decided_ = false;
  // Replies to come when nobody gets the message.
  std::size_t to_skip_ = 0;
  std::vector<RecipientOutcome> answered_;
  SmtpEnding outcome_;
};

}  // namespace reqmail::proto
