// One SMTP session, the server's side, as a state machine: command lines in, replies and
// actions out. It neither reads nor writes; smtpd/smtp_session does, and tells it how that
// went.
//
// The legal order of calls. A session begins with greet(), or with resume() and secured() after
// the STARTTLS of another program. After a step with the action
//   none          comes handle() with the next line, or line_too_long() or timed_out();
//   ask           comes answer() with what `question` asks, as often as it asks; the line given
//                 to handle() must live until the last answer;
//   check_user    comes checked();
//   start_tls     comes tls_refused(), or tls_ready() and, after the handshake, secured();
//   open_queue    comes queue_opened(), or message_awaited() if the message is to be held;
//   receive       comes end_of_data() once the message is there, or bare_line_feed() or
//                 timed_out();
//   finish_queue  comes queued(); of a message that was held, before that, queue_started(), or
//                 instead of both refused() or discarded();
//   quit, hang_up comes no other call.
//
// The states of a session: no transaction; MAIL accepted; at least one RCPT accepted; message
// under way (from open_queue to the reply that ends it). HELO, EHLO, RSET, a new MAIL, TLS and
// the end of a message lead back to the first one or, for MAIL, the second.
//
// A command is judged in this order: whether it is offered, what must have come before it, its
// argument, the policy's checks of its phase, then its effect (proto/smtp_verbs). The end of
// the data is judged like a command; checks of a whole message belong there.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "mail/verdict_codec.h"
#include "proto/smtp_auth.h"
#include "proto/smtp_command.h"
#include "proto/smtp_security.h"
#include "proto/smtp_state.h"
#include "proto/smtp_step.h"
#include "proto/smtp_verbs.h"

namespace reqmail::proto {

// What the data of a message has shown.
struct MessageFacts {
  bool too_many_hops = false;
  std::uint64_t size = 0;
  // It had to be held, and no place was found for it.
  bool is_lost = false;
};

// How the queue program ended.
struct QueueOutcome {
  Result<void> queued;
  base::Time time;  // of the acceptance
};

class SmtpServer {
 public:
  explicit SmtpServer(SmtpServerSettings settings) : state_(std::move(settings)) {}

  SmtpStep greet();

  // The session of a client that has sent something before it was greeted, and that is not
  // wanted.
  [[nodiscard]] static SmtpStep early_talker();

  // A command line or an answer to AUTH without its LF; one CR at its end belongs to the line
  // end.
  SmtpStep handle(std::string_view line);

  // A Failure of own_address or listed_domain ends the session with "421 " and its text.
  SmtpStep answer(Result<Answer> answer);

  // The longest line that handle() takes now; line_too_long() answers a longer one.
  [[nodiscard]] std::size_t line_limit() const;

  // Answers STARTTLS once TLS can be spoken, or why it cannot.
  [[nodiscard]] static SmtpStep tls_ready();
  [[nodiscard]] static SmtpStep tls_refused(const Failure& failure);

  // The handshake is done: forgets all that was said before.
  void secured(SmtpSecurity security);

  // Answers AUTH. After too many refusals the session ends.
  SmtpStep checked(const SaslCredentials& credentials, mail::LoginVerdict verdict);

  // Goes on with a session that another program began: its HELO name and refused logins.
  void resume(std::optional<std::string> helo, unsigned refused_logins);

  // Answers DATA once the queue program runs, or could not be started: nullopt. In that case
  // the transaction is over.
  SmtpStep queue_opened(std::optional<std::uint64_t> process);

  // Answers DATA if the message is held and the queue program starts after its judgement.
  [[nodiscard]] static SmtpStep message_awaited();

  // Judges the message. It is to be queued after finish_queue alone; any other reply refuses it
  // and ends the transaction.
  SmtpStep end_of_data(const MessageFacts& message);

  // Notes the queue program of a message that was held.
  void queue_started(std::uint64_t process) { state_.queue_process = process; }

  // Each answers the end of the data, and ends the transaction. A message is discarded if a
  // check wants it to disappear although the client is told that it was accepted.
  SmtpStep queued(const QueueOutcome& outcome);
  SmtpStep refused(const Refusal& refusal);
  SmtpStep discarded();

  // The envelope of the transaction under way.
  [[nodiscard]] const SmtpEnvelope& envelope() const { return state_.envelope; }

  // Returns what the client called itself last, cut to kHeloMax; nullopt before HELO.
  [[nodiscard]] const std::optional<std::string>& helo() const { return state_.helo; }

  [[nodiscard]] std::uint64_t databytes() const { return state_.policy.settings().databytes; }

  // Whether the client has greeted with EHLO.
  [[nodiscard]] bool speaks_esmtp() const { return state_.speaks_esmtp; }

  // MAIL has been accepted, and the message not yet answered.
  [[nodiscard]] bool in_transaction() const { return state_.in_transaction; }

  // The number of the transaction under way, or of the last one.
  [[nodiscard]] std::uint64_t transactions() const { return state_.transactions; }

  // Returns nullopt before the handshake.
  [[nodiscard]] const std::optional<SmtpSecurity>& security() const { return state_.security; }

  [[nodiscard]] const SmtpAuth& auth() const { return state_.auth; }

  // Whether every recipient is accepted.
  [[nodiscard]] bool relays() const { return state_.relay_suffix().has_value(); }

  // Whether that is so because of a login or a certificate.
  [[nodiscard]] bool client_is_proved() const;

  // The protocol of this session as a Received line shows it (RFC 3848).
  [[nodiscard]] std::string received_protocol() const;

  // Ends of a session that no command asked for.
  [[nodiscard]] SmtpStep line_too_long() const;
  [[nodiscard]] static SmtpStep timed_out();
  [[nodiscard]] static SmtpStep bare_line_feed();

 private:
  enum class Stage { offered, order, check, policy, effect };

  SmtpStep begin(const SmtpVerb& verb, SmtpRequest request);
  SmtpStep go_on();
  Ruling judge();
  [[nodiscard]] PolicyFacts facts() const;
  [[nodiscard]] std::optional<RefusalKind> out_of_order() const;
  SmtpStep go_through();
  SmtpStep refuse(const Refusal& refusal);
  SmtpStep end_transaction(SmtpStep step, std::string_view reason);

  SmtpState state_;
  // The command under way, and the answers to what its stage has asked.
  const SmtpVerb* verb_ = nullptr;
  SmtpRequest request_;
  Stage stage_ = Stage::offered;
  std::vector<Result<Answer>> answers_;
};

}  // namespace reqmail::proto
