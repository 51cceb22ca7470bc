// One SMTP session, the server's side, as a state machine: command lines in, replies and
// actions out. It neither reads nor writes; smtpd/smtp_session does, and tells it how that
// went.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/constmap.h"
#include "base/result.h"
#include "base/time.h"
#include "proto/smtp_auth.h"
#include "proto/smtp_command.h"
#include "proto/smtp_security.h"

namespace reqmail::proto {

// As much of a HELO name as a Received line shows.
inline constexpr std::size_t kHeloMax = 255;
// So many commands in a row that mean nothing end the session.
inline constexpr unsigned kUnknownCommandsMax = 20;

struct SmtpServerSettings {
  std::string greeting;                     // control/smtpgreeting
  std::optional<std::string> own_host;      // control/localiphost: stands for our own addresses
  std::uint64_t databytes = 0;              // 0: no limit
  std::uint64_t max_recipients = 0;         // 0: no limit
  base::ConstMap bad_senders;               // control/badmailfrom
  std::optional<std::string> relay_suffix;  // RELAYCLIENT
  SmtpAuthPolicy auth;
  bool tls_required = false;  // no MAIL and no AUTH in clear
};

// What only the host can answer. A Failure ends the session with "421 " and its text.
class SmtpHost {
 public:
  SmtpHost() = default;
  SmtpHost(const SmtpHost&) = delete;
  SmtpHost& operator=(const SmtpHost&) = delete;
  virtual ~SmtpHost() = default;

  // Whether this is an address of ours.
  virtual Result<bool> owns(const Ipv4Octets& address) = 0;

  // Whether recipients at this domain (without '@', in any case) are accepted from everybody.
  virtual Result<bool> accepts(std::string_view domain) = 0;

  // Whether STARTTLS is offered now.
  virtual bool offers_tls() { return false; }

  // Letters and digits that nobody can guess, for a challenge.
  virtual Result<std::string> random_word() { return temporary("no random bytes"); }
};

enum class SmtpAction {
  none,        // send the reply, go on
  open_queue,  // no reply yet: start a queue program, then call queue_opened()
  start_tls,   // no reply yet: prepare TLS, then tls_ready() or tls_refused()
  check_user,  // no reply yet: check the credentials, then call checked()
  quit,        // send the reply, end: the client has said QUIT
  hang_up,     // send the reply, end: something is wrong
};

// A sender, recipient or message that was refused, for a log.
struct SmtpRefusal {
  std::string_view reason;  // one word
  std::string address;      // the sender's at MAIL, else the recipient's
  bool at_mail = false;
};

struct SmtpStep {
  std::string reply;  // whole lines with CR LF
  SmtpAction action = SmtpAction::none;
  std::optional<SaslCredentials> credentials = std::nullopt;  // of check_user
  std::optional<SmtpRefusal> refusal = std::nullopt;
};

// The envelope of one message.
struct SmtpTransaction {
  std::string sender;
  std::string recipients;  // each followed by NUL
  std::uint64_t recipient_count = 0;
};

// How the data of a message ended, for the reply to it.
struct SmtpOutcome {
  bool too_many_hops = false;
  bool too_large = false;
  Result<void> queued;
  base::Time time;            // of the acceptance
  std::uint64_t process = 0;  // of the queue program
};

class SmtpServer {
 public:
  // `host` must outlive the machine.
  SmtpServer(SmtpServerSettings settings, SmtpHost& host)
      : settings_(std::move(settings)), host_(host), auth_(settings_.auth) {}

  [[nodiscard]] std::string greeting() const;

  // A command line or an answer to AUTH without its LF; one CR at its end belongs to the line
  // end.
  SmtpStep handle(std::string_view line);

  // The longest line that handle() takes now; line_too_long() answers a longer one.
  [[nodiscard]] std::size_t line_limit() const;

  // Answers STARTTLS once TLS can be spoken, or why it can not.
  [[nodiscard]] static SmtpStep tls_ready();
  [[nodiscard]] static SmtpStep tls_refused(const Failure& failure);

  // The handshake is done: all that was said before is forgotten.
  void secured(SmtpSecurity security);

  // Answers AUTH. After too many refusals the session ends.
  SmtpStep checked(const SaslCredentials& credentials, AuthVerdict verdict);

  // Goes on with a session that another program began: its HELO name and refused logins.
  void resume(std::optional<std::string> helo, unsigned refused_logins);

  // Answers DATA once the queue program runs, or could not be started. The transaction is over
  // in both cases: take_transaction() comes first.
  [[nodiscard]] static SmtpStep queue_opened(bool success);
  SmtpTransaction take_transaction();

  // The sender of the transaction under way.
  [[nodiscard]] std::string_view sender() const { return transaction_.sender; }

  // Answers the end of the data.
  [[nodiscard]] static std::string answer(const SmtpOutcome& outcome);

  // What the client called itself last, cut to kHeloMax; nothing before HELO.
  [[nodiscard]] const std::optional<std::string>& helo() const { return helo_; }

  [[nodiscard]] std::uint64_t databytes() const { return settings_.databytes; }

  // Nothing before the handshake.
  [[nodiscard]] const std::optional<SmtpSecurity>& security() const { return security_; }

  [[nodiscard]] const SmtpAuth& auth() const { return auth_; }

  // Whether every recipient is accepted.
  [[nodiscard]] bool relays() const { return relay_suffix().has_value(); }

  // The protocol of this session as a Received line shows it (RFC 3848).
  [[nodiscard]] std::string received_protocol() const;

  // Ends of a session that no command asked for.
  [[nodiscard]] SmtpStep line_too_long() const;
  [[nodiscard]] static SmtpStep timed_out();
  [[nodiscard]] static SmtpStep bare_line_feed();

 private:
  SmtpStep hello(std::string_view name, bool extended);
  SmtpStep mail(std::string_view argument);
  SmtpStep recipient(std::string_view argument);
  SmtpStep data();
  SmtpStep unknown(std::string_view line);
  SmtpStep starttls(std::string_view line, std::string_view argument);
  SmtpStep auth(std::string_view line, std::string_view argument);
  SmtpStep begin_auth(SaslMechanism mechanism, std::string_view argument);
  static SmtpStep auth_step(SmtpAuthStep step);
  [[nodiscard]] std::optional<std::string> relay_suffix() const;
  SmtpStep not_in_rcpthosts(std::string address) const;
  SmtpStep dispatch(std::string_view line, const SmtpCommand& command);
  void forget_transaction();
  Result<std::string> address_of(std::string_view argument);
  [[nodiscard]] bool is_bad_sender(std::string_view sender) const;
  Result<bool> may_receive(std::string_view address);
  [[nodiscard]] bool has_room_for(std::size_t recipient) const;
  [[nodiscard]] bool announces_too_much(std::string_view argument) const;

  SmtpServerSettings settings_;
  SmtpHost& host_;
  SmtpAuth auth_;
  std::optional<SmtpSecurity> security_;
  std::optional<std::string> helo_;
  bool in_transaction_ = false;
  bool sender_is_bad_ = false;
  SmtpTransaction transaction_;
  unsigned unknown_in_a_row_ = 0;
};

}  // namespace reqmail::proto
