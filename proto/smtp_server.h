// The server's side of one SMTP session as a state machine, which takes command lines and
// returns replies and actions. It does no input or output: smtpd/smtp_session carries out the
// actions and reports the results.
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

// What the sinks have found out about the message.
struct MessageFindings {
  bool too_many_hops = false;
  std::uint64_t size = 0;
  // The message had to be held, but there was no place for it.
  bool is_lost = false;
};

// The result of the queue program.
struct QueueOutcome {
  Result<void> queued;
  base::Time time;  // time of the acceptance
};

class SmtpServer {
 public:
  explicit SmtpServer(SmtpServerSettings settings) : state_(std::move(settings)) {}

  SmtpStep greet();

  // Ends the session of a client that has sent something before the greeting and must not do
  // so.
  [[nodiscard]] static SmtpStep early_talker();

  // Takes a command line, or a response within AUTH, without its LF; one CR at its end belongs
  // to the line end.
  SmtpStep handle(std::string_view line);

  // Takes the answer to a question. A Failure of own_address or listed_domain ends the session
  // with "421 " and its text.
  SmtpStep answer(Result<Answer> answer);

  // Returns the longest line that handle() takes now; line_too_long() must be called for a
  // longer one.
  [[nodiscard]] std::size_t line_limit() const;

  // These answer STARTTLS: TLS can begin, or why it cannot.
  [[nodiscard]] static SmtpStep tls_ready();
  [[nodiscard]] static SmtpStep tls_refused(const Failure& failure);

  // Called after the handshake; forgets everything that the client said before it.
  void secured(SmtpSecurity security);

  // Answers AUTH. After too many refusals the session ends.
  SmtpStep checked(const SaslCredentials& credentials, mail::LoginVerdict verdict);

  // Takes over a session that another program began: its HELO name and the number of refused
  // logins.
  void resume(std::optional<std::string> helo, unsigned refused_logins);

  // Answers DATA. `process` is the process ID of the queue program, or nullopt if it could not
  // be started; in that case the transaction is over.
  SmtpStep queue_opened(std::optional<std::uint64_t> process);

  // Answers DATA if the message is held, so that the queue program starts only after it was
  // judged.
  [[nodiscard]] static SmtpStep message_awaited();

  // Judges the message. Only after the action finish_queue may it be queued; any other step
  // refuses it and ends the transaction.
  SmtpStep end_of_data(const MessageFindings& message);

  // Records the queue program of a message that was held.
  void queue_started(std::uint64_t process) { state_.queue_process = process; }

  // Each answers the end of the data and ends the transaction. A message is discarded if a
  // check wants it to be dropped although the client is told that it was accepted.
  SmtpStep queued(const QueueOutcome& outcome);
  SmtpStep refused(const Refusal& refusal);
  SmtpStep discarded();

  // Returns the envelope of the current transaction.
  [[nodiscard]] const SmtpEnvelope& envelope() const { return state_.envelope; }

  // Returns the name in the last HELO or EHLO, cut to kHeloMax bytes; nullopt before HELO.
  [[nodiscard]] const std::optional<std::string>& helo() const { return state_.helo; }

  [[nodiscard]] std::uint64_t databytes() const { return state_.policy.settings().databytes; }

  // Returns whether the client has said EHLO.
  [[nodiscard]] bool speaks_esmtp() const { return state_.speaks_esmtp; }

  // Returns whether MAIL has been accepted and the message has not been answered yet.
  [[nodiscard]] bool in_transaction() const { return state_.in_transaction; }

  // Returns the number of the current transaction, or of the last one.
  [[nodiscard]] std::uint64_t transactions() const { return state_.transactions; }

  // Returns nullopt before the handshake.
  [[nodiscard]] const std::optional<SmtpSecurity>& security() const { return state_.security; }

  [[nodiscard]] const SmtpAuth& auth() const { return state_.auth; }

  // Returns whether every recipient is accepted.
  [[nodiscard]] bool relays() const { return state_.relay_suffix().has_value(); }

  // Returns whether every recipient is accepted because of a login or a certificate.
  [[nodiscard]] bool client_is_proved() const;

  // Returns the protocol of this session for the Received field (RFC 3848).
  [[nodiscard]] std::string received_protocol() const;

  // These end the session although the client has not asked for it.
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
  // The command being handled, and the answers to the questions of its current stage.
  const SmtpVerb* verb_ = nullptr;
  SmtpRequest request_;
  Stage stage_ = Stage::offered;
  std::vector<Result<Answer>> answers_;
};

}  // namespace reqmail::proto
