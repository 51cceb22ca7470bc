// One SMTP session, the server's side, as a state machine: command lines in, replies and
// actions out. It neither reads nor writes; run/smtp_session does, and tells it how that went.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/constmap.h"
#include "base/result.h"
#include "base/time.h"
#include "proto/smtp_command.h"

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
};

enum class SmtpAction {
  none,        // send the reply, go on
  open_queue,  // no reply yet: start a queue program, then call queue_opened()
  quit,        // send the reply, end: the client has said QUIT
  hang_up,     // send the reply, end: something is wrong
};

struct SmtpStep {
  std::string reply;  // whole lines with CR LF
  SmtpAction action = SmtpAction::none;
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
      : settings_(std::move(settings)), host_(host) {}

  [[nodiscard]] std::string greeting() const;

  // A command line without its LF; one CR at its end belongs to the line end.
  SmtpStep handle(std::string_view line);

  // Answers DATA once the queue program runs, or could not be started. The transaction is over
  // in both cases: take_transaction() comes first.
  [[nodiscard]] static SmtpStep queue_opened(bool success);
  SmtpTransaction take_transaction();

  // Answers the end of the data.
  [[nodiscard]] static std::string answer(const SmtpOutcome& outcome);

  // What the client called itself last, cut to kHeloMax; nothing before HELO.
  [[nodiscard]] const std::optional<std::string>& helo() const { return helo_; }

  [[nodiscard]] std::uint64_t databytes() const { return settings_.databytes; }

  // Ends of a session that no command asked for.
  [[nodiscard]] static SmtpStep line_too_long();
  [[nodiscard]] static SmtpStep timed_out();
  [[nodiscard]] static SmtpStep bare_line_feed();

 private:
  SmtpStep hello(std::string_view name, bool extended);
  SmtpStep mail(std::string_view argument);
  SmtpStep recipient(std::string_view argument);
  SmtpStep data();
  SmtpStep unknown(std::string_view line);
  SmtpStep dispatch(std::string_view line, const SmtpCommand& command);
  void forget_transaction();
  Result<std::string> address_of(std::string_view argument);
  [[nodiscard]] bool is_bad_sender(std::string_view sender) const;
  Result<bool> may_receive(std::string_view address);
  [[nodiscard]] bool announces_too_much(std::string_view argument) const;

  SmtpServerSettings settings_;
  SmtpHost& host_;
  std::optional<std::string> helo_;
  bool in_transaction_ = false;
  bool sender_is_bad_ = false;
  SmtpTransaction transaction_;
  unsigned unknown_in_a_row_ = 0;
};

}  // namespace reqmail::proto
