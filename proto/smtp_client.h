// The client's side of an SMTP session that carries one message: replies in, commands out. It
// neither reads nor writes.
//
//   greeting 220 -> EHLO (or only HELO); refused for good -> HELO; 250 -> STARTTLS where it is wanted and
//   offered; 220 -> TLS, and EHLO again; 250 -> AUTH where there is a login; 235 -> MAIL;
//   positive -> RCPT for each recipient; one accepted -> DATA; positive -> the message;
//   positive -> accepted.
//
// Wherever the server says no, the session ends with QUIT, whose answer nobody waits for.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "proto/sasl_client.h"
#include "proto/smtp_abilities.h"
#include "proto/smtp_reply.h"

namespace reqmail::proto {

// What is to be done.
struct SmtpErrand {
  std::string hello;
  // Addresses as the queue has them; each can_be_sent().
  std::string sender;
  std::vector<std::string> recipients;
  // EHLO is not said, only HELO: without STARTTLS, AUTH and all other extensions.
  bool plain_hello = false;
  // TLS is spoken from the first byte on.
  bool secure = false;
  // STARTTLS is said where it is offered.
  bool starttls = false;
  // Nothing is mailed without TLS.
  bool tls_required = false;
  // Nothing is mailed without it where it is set. It must outlive the client.
  const SaslLogin* login = nullptr;
  // The login may be said without TLS.
  bool login_in_clear = false;
};

// The message as the server will count it (RFC 1870).
struct MessageFacts {
  std::uint64_t size = 0;
  bool eight_bit = false;
};

// Where a session ended.
enum class SmtpStage {
  greeting,
  hello,
  no_tls,           // required, and not offered
  starttls,         // refused where it is required, or with 421
  login_needs_tls,  // and there is none
  no_login,         // no mechanism that we know
  login,
  sender,
  recipients,
  data,
  message
};

struct SmtpEnding {
  SmtpStage stage = SmtpStage::greeting;
  // `positive` only at stage message: the server has the message. At greeting and hello, where
  // the server did not judge the mail, never permanent. At recipients, where each has an answer
  // of its own, no reply. Up to the login always temporary.
  ReplyClass verdict = ReplyClass::temporary;
  std::string reply;
  // At login: its name in capitals.
  std::string_view mechanism = {};
};

// What the server said to a RCPT; `reply` is empty where it accepted.
struct RecipientOutcome {
  ReplyClass verdict = ReplyClass::positive;
  std::string reply;
};

// Whether an address may be written into a command: no CR, LF or NUL.
bool can_be_sent(std::string_view address);

// How long a server may take for a whole reply (RFC 5321 section 4.5.3.2), and for each piece
// of the message that it is sent.
inline constexpr base::Seconds kReplyTime(300);
inline constexpr base::Seconds kDataReplyTime(120);
inline constexpr base::Seconds kPieceTime(180);
inline constexpr base::Seconds kDotReplyTime(600);

class SmtpClient {
 public:
  enum class Next {
    // Write `send`, then read a reply.
    reply,
    // Forget all that was read ahead, begin TLS, then call on_tls().
    tls,
    // Look at the message, then call on_message_facts().
    facts,
    // Write the message, encoded and ended, then read a reply.
    message,
    // Write `send` and close.
    close,
  };

  struct Step {
    std::string send;
    Next next = Next::reply;
    // `send` is to be overwritten after it was sent.
    bool secret = false;
  };

  explicit SmtpClient(SmtpErrand errand);

  // What to do after a reply; the first is the greeting, which comes unasked.
  Step on_reply(const SmtpReply& reply);

  // TLS has begun: nothing that the server said before counts.
  Step on_tls();

  // Absent: they cannot be told without reading the message.
  Step on_message_facts(const std::optional<MessageFacts>& facts);

  // STARTTLS has been said, and not answered yet.
  [[nodiscard]] bool waits_for_tls() const { return state_ == State::starttls; }

  // EHLO has been said and neither it nor the HELO after it was taken yet: where the server
  // hangs up now, HELO alone may please it.
  [[nodiscard]] bool dislikes_ehlo() const {
    return !errand_.plain_hello && (state_ == State::ehlo || state_ == State::helo);
  }

  // For the reply that comes next.
  [[nodiscard]] base::Seconds reply_time() const;

  // The message has been said to come, so that the next reply decides about it.
  [[nodiscard]] bool waits_for_verdict() const { return state_ == State::dot; }

  // Answers so far, in the order of the recipients.
  [[nodiscard]] const std::vector<RecipientOutcome>& recipients() const { return answered_; }

  // Valid after a step `close`.
  [[nodiscard]] const SmtpEnding& outcome() const { return outcome_; }

 private:
  enum class State { greeting, ehlo, helo, starttls, login, mail, rcpt, data, dot };

  Step say_hello();
  Step on_hello(const SmtpReply& reply);
  Step on_starttls(const SmtpReply& reply);
  Step on_login(const SmtpReply& reply);
  Step login_refused(const SmtpReply& reply);
  Step on_recipient(const SmtpReply& reply);
  Step go_on(const SmtpReply& refusal);
  Step begin_mail();
  [[nodiscard]] std::string shown(const SmtpReply& reply) const;
  Step command(State state, std::string line);
  Step secret(std::string line);
  Step next_recipient();
  Step stop(SmtpStage stage, ReplyClass verdict, const SmtpReply& reply);

  SmtpErrand errand_;
  State state_ = State::greeting;
  SmtpAbilities abilities_;
  std::optional<SaslClient> login_;
  bool any_accepted_ = false;
  std::vector<RecipientOutcome> answered_;
  SmtpEnding outcome_;
};

}  // namespace reqmail::proto
