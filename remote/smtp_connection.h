// A client's SMTP connection: greeting, EHLO or HELO, STARTTLS, AUTH, QUIT. Between the login
// and QUIT it carries transactions (remote/smtp_transaction), one after the other. Free of
// process state, so that a resident worker can have as many as it likes.
#pragma once

#include <algorithm>
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/time.h"
#include "proto/smtp_client_connection.h"
#include "proto/smtp_extensions.h"
#include "proto/smtp_reply.h"
#include "sys/connection.h"
#include "tls/start_tls.h"

namespace reqmail::remote {

// What has happened on a connection already.
enum class SmtpBegin {
  connected,
  connected_for_tls,  // TLS is spoken from the first byte on
  starttls_accepted,
};

struct SmtpConnectionSettings {
  // Our own name, for EHLO and HELO.
  std::string hello;
  SmtpBegin begin = SmtpBegin::connected;
  // Only HELO is said, no EHLO.
  bool plain_hello = false;
  // Whether STARTTLS is said if it is offered.
  bool starttls = false;
  // Nothing is mailed without TLS.
  bool tls_required = false;
  // For the handshake.
  tls::TlsRequest tls;
  // It must outlive the connection. Null: none.
  const proto::SaslLogin* login = nullptr;
  // Whether it may be said without TLS.
  bool login_in_clear = false;
  // Called when the server has greeted, before anything is said; may be empty.
  std::function<void()> greeted = {};
};

// On the clock of sys::monotonic(): the end of all, and one that the answer to a message may
// outlast by its own time, since a message whose answer nobody heard goes out again.
struct SmtpLimits {
  std::chrono::milliseconds end = std::chrono::milliseconds::max();
  std::chrono::milliseconds session_end = std::chrono::milliseconds::max();
};

// Why another connection may do better, with less.
enum class SmtpRetry {
  none,
  in_clear,    // nothing came of TLS that nobody insists on
  plain_hello  // the server hung up on EHLO
};

// Why a connection does not become ready for transactions.
struct SmtpConnectionFailure {
  // The server said no.
  std::optional<proto::SmtpEnding> ending;
  // TLS could not be begun; the text is for tls_report(). Neither: the connection broke.
  std::optional<Failure> tls;
  // What the server said before it hung up, if that was a refusal.
  std::string last_words = {};
  SmtpRetry retry = SmtpRetry::none;
};

class SmtpConnection {
 public:
  // Whoever connected `clear` closes it. It must outlive this object, and so must `start_tls`,
  // unless outlive_opening() is called.
  SmtpConnection(SmtpConnectionSettings settings, sys::Connection& clear,
                 tls::StartTls& start_tls);
  SmtpConnection(const SmtpConnection&) = delete;
  SmtpConnection& operator=(const SmtpConnection&) = delete;
  SmtpConnection(SmtpConnection&&) = delete;
  SmtpConnection& operator=(SmtpConnection&&) = delete;
  ~SmtpConnection();

  // From the greeting to the login, once. Absent: transactions may begin. After a refusal QUIT
  // has been said.
  std::optional<SmtpConnectionFailure> open(const SmtpLimits& limits);

  // Makes the connection ready for a transaction, which has these limits: says RSET if the
  // server still has something of the one before. False: nothing more can be said, since open()
  // has not succeeded, something has broken since, a message was left without its end, or the
  // server has said that it closes.
  bool prepare(const SmtpLimits& limits);

  // Says QUIT, unless spoil() was called; nobody waits for the answer, and its failure changes
  // nothing.
  void quit();

  // Returns whether another transaction may follow, as far as the server has said.
  [[nodiscard]] bool can_go_on() const {
    return usable_ && unread_.empty() && !connection_->holds_unread();
  }

  // Nothing waits for the server after this time of sys::monotonic(), until the next command.
  void stop_at(std::chrono::milliseconds end) { connection_->stop_at(end); }

  // The connection goes on without what was only lent for open().
  void outlive_opening();

  [[nodiscard]] const proto::SmtpExtensions& extensions() const {
    return machine_.extensions();
  }

  // Whether TLS has begun.
  [[nodiscard]] bool in_tls() const { return tls_ != nullptr; }

  [[nodiscard]] const proto::SaslLogin* login() const { return settings_.login; }

  // For transactions.

  // Writes a command; its reply, with what comes before it, has so much time. False: the
  // connection broke.
  bool say(std::string_view command, base::Seconds reply_time);
  // The time for the next reply to commands that were said together begins.
  void await_reply(base::Seconds reply_time);
  // Writes a piece of a message.
  bool send(std::string_view piece);
  // The time for the reply to a message begins. Some of the message may still be on its way.
  void await_verdict(base::Seconds reply_time);
  // Nullopt if the connection broke or the reply is beyond all limits.
  std::optional<proto::SmtpReply> read_reply();

  // The end of a transaction: what the next one needs to know.
  void done(bool needs_reset) { needs_reset_ = needs_reset; }

  // The end of the transaction, on the clock of sys::monotonic().
  [[nodiscard]] std::chrono::milliseconds end() const {
    return std::min(limits_.end, limits_.session_end);
  }

  // After the connection has broken: a refusal that the server began before it hung up, or one
  // that it sent while something was still being sent to it; empty if there is none.
  std::string last_words();

  // A message was begun and not ended, or the replies may not be those to what was said:
  // nothing can be said any more, not even QUIT.
  void spoil() {
    usable_ = false;
    spoiled_ = true;
  }

  [[nodiscard]] bool is_spoiled() const { return spoiled_; }

 private:
  using Step = proto::SmtpClientConnection::Step;

  bool write(std::string_view bytes, base::Seconds time);
  // Each: why the connection cannot go on; absent if it can.
  std::optional<SmtpConnectionFailure> begin();
  std::optional<SmtpConnectionFailure> perform(Step step);
  std::optional<SmtpConnectionFailure> begin_tls();
  std::optional<SmtpConnectionFailure> say(Step& step);
  SmtpConnectionFailure close(const Step& step);
  [[nodiscard]] SmtpConnectionFailure broken();
  [[nodiscard]] bool needs_extensions() const;
  [[nodiscard]] SmtpRetry clear_may_do() const;

  SmtpConnectionSettings settings_;
  sys::Connection* connection_;
  tls::StartTls* start_tls_;
  std::unique_ptr<sys::Connection> tls_;
  SmtpLimits limits_;
  proto::SmtpClientConnection machine_;
  proto::SmtpReplyParser parser_;
  std::string buffer_;
  std::string_view unread_;
  bool ready_ = false;  // for transactions
  bool usable_ = false;
  bool spoiled_ = false;
  bool needs_reset_ = false;
  // TLS has begun, and the server has said nothing in it yet.
  bool unanswered_in_tls_ = false;
  // The connection ended otherwise than by our patience.
  bool hung_up_ = false;
};

}  // namespace reqmail::remote
