// A whole SMTP session over a connected stream: it passes what the client sends to the state
// machine of proto/smtp_server and carries out its actions.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "listen/session_tls.h"
#include "mail/received.h"
#include "proto/smtp_server.h"
#include "smtpd/environment.h"
#include "smtpd/files.h"
#include "smtpd/held_message.h"
#include "smtpd/log.h"
#include "smtpd/message_check.h"
#include "smtpd/message_way.h"
#include "smtpd/outside.h"
#include "smtpd/recipient_sources.h"
#include "smtpd/sender_checks.h"
#include "smtpd/session_filters.h"
#include "smtpd/starttls_state.h"
#include "submit/injector.h"
#include "sys/patience.h"
#include "sys/stream.h"

namespace reqmail::smtpd {

// The point at which a session begins.
enum class SmtpBegin {
  greeting,
  starttls,  // after a STARTTLS command that another program has read
  tls,       // with a TLS handshake, after which the greeting is sent
};

class SmtpSession final {
 public:
  // `files`, `checks` and `tls` must outlive the session. `rate` is the rate that the client
  // must keep up within a message. The session uses the streams alone while it lasts; it writes
  // replies when the next read would have to wait for the client, so that a group of commands
  // is answered in one packet.
  SmtpSession(const SmtpdFiles& files, SmtpdEnvironment&& environment, SmtpdLogin login,
              SenderChecks& checks, sys::Reader& input, sys::Writer& output, tls::StartTls& tls,
              const sys::LeastRate& rate = {});

  // Takes over the state of a session that another program began; called before run().
  void resume(StarttlsState state);

  // Adds a check of whole messages; called before run(). The checks are asked in the order in
  // which they were added, and must outlive the session. A message that no check needs held is
  // not held.
  void add_check(MessageCheck& check) { checks_.push_back(&check); }

  // Runs the session to its end. Returns the program's exit code: 0 after QUIT, 1 after any
  // other end.
  int run(SmtpBegin where);

 private:
  enum class Next { go_on, quit, hang_up };

  Next begin(SmtpBegin where);
  Next delay_greeting();
  bool delay_reply(base::Seconds time);
  Next command();
  Next handle_line();
  Next start_tls();
  [[nodiscard]] tls::TlsRequest tls_request() const;
  void secured();
  Next check_user(proto::SmtpStep& step);
  proto::Answer filters_answer(const proto::Question& question);
  proto::SmtpStep settle(proto::SmtpStep step);
  Result<proto::Answer> answer(const proto::Question& question);
  [[nodiscard]] std::string reply_of(const proto::SmtpStep& step) const;
  Next carry_out(proto::SmtpStep step);
  [[nodiscard]] Result<submit::Injector> start_queue() const;
  [[nodiscard]] std::string received() const;
  // Returns our own fields in their order, for the top of the message.
  [[nodiscard]] std::string trace() const;
  Next open_queue();
  Next receive_message(MessageWay& way);
  Next hold_message(MessageChecks& checks);
  Next transfer(MessageMeter& way);
  proto::SmtpStep judge_held(HeldMessage& message, MessageChecks& checks);
  proto::SmtpStep queue_held(const HeldMessage& message, const proto::SmtpEnvelope& envelope);
  proto::SmtpStep finish_queue(submit::Injector& queue, const proto::SmtpEnvelope& envelope);
  Next lost_input(const Failure& failure);

  const SmtpdFiles& files_;
  Outside outside_;
  SenderChecks& sender_checks_;
  mail::NetworkPeer peer_;
  std::vector<std::string> checker_;
  GreetDelay greet_delay_;
  std::vector<std::string> faults_;  // malformed lines of control files
  RecipientSources sources_;
  SessionFilters filters_;
  std::vector<MessageCheck*> checks_;
  sys::LeastRate data_rate_;
  sys::Patience patience_;
  SmtpdLog log_;
  proto::SmtpServer server_;
  sys::Reader& input_;
  sys::Writer& output_;
  listen::SessionTls tls_;
  bool implicit_tls_ = false;
  std::string line_;
};

}  // namespace reqmail::smtpd
