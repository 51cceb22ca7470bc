#include "smtpd/main.h"

#include <signal.h>

#include <memory>
#include <utility>

#include "base/text.h"
#include "smtpd/authentication_check.h"
#include "smtpd/environment.h"
#include "smtpd/files.h"
#include "smtpd/login.h"
#include "smtpd/sender_check_files.h"
#include "smtpd/sender_checks.h"
#include "sys/connection.h"
#include "sys/exits.h"
#include "sys/fd.h"
#include "sys/program.h"
#include "sys/signals.h"
#include "sys/stream.h"

namespace reqmail::smtpd {

namespace {

constexpr int kInput = 0;
constexpr int kOutput = 1;

// A client that expects a handshake would not understand a reply in clear text, so it gets
// none.
int refuse(const Failure& failure, SmtpBegin begin) {
  if (begin != SmtpBegin::tls) {
    (void)sys::write_all(kOutput, base::concat({"421 ", failure.text, "\r\n"}));
  }
  return kSmtpdTrouble;
}

// The files of the checks of senders and messages.
struct CheckFiles {
  SenderCheckFiles senders;
  AuthenticationFiles messages;
};

// It is not part of its caller, whose frame is there as long as the session.
[[gnu::noinline]] Result<CheckFiles> load_check_files(const SmtpdFiles& files,
                                                      const SenderCheckEnvironment& environment,
                                                      sys::Fd judge) {
  const bool dmarc =
      dmarc_mode(files.authentication, environment.dmarc) != judge::DmarcMode::off;
  control::ControlFiles others = files.others;
  auto senders = load_sender_check_files(
      others, files.sender_checks, environment,
      {.spf = dmarc, .lookups = dmarc || files.authentication.dkimverify > 0});
  if (!senders) {
    return senders.error();
  }
  if (senders->asks_judge && judge.valid()) {
    sys::set_close_on_exec(judge.get(), true);
    senders->judge.shared = std::move(judge);
  }
  auto messages = load_authentication_files(others, files.authentication, environment.dmarc,
                                            senders->settings.spf);
  if (!messages) {
    return messages.error();
  }
  return CheckFiles{*std::move(senders), *std::move(messages)};
}

}  // namespace

void set_smtpd_signals() {
  sys::ignore_signals({SIGPIPE});
  sys::reset_child_signal();
}

int serve_smtp(const std::vector<std::string>& arguments, const MakeSmtpTls& make_tls,
               SmtpdStart start) {
  if (!sys::Program::enter_home()) {
    return refuse(smtpd_controls_unreadable(), start.begin);
  }
  return serve_smtp_with(load_smtpd_files(), arguments, make_tls, std::move(start));
}

int serve_smtp_with(const Result<SmtpdFiles>& files, const std::vector<std::string>& arguments,
                    const MakeSmtpTls& make_tls, SmtpdStart start) {
  if (!files) {
    return refuse(files.error(), start.begin);
  }
  // Once it has been moved into the session, it takes no room in a frame that waits.
  auto environment = std::make_unique<SmtpdEnvironment>(smtpd_environment());
  auto checks = load_check_files(*files, environment->sender_checks, std::move(start.judge));
  if (!checks) {
    return refuse(checks.error(), start.begin);
  }
  const std::string client_ip = environment->client.peer.remote_ip;
  SenderChecks sender_checks(std::move(checks->senders), files->me.value_or(""), client_ip);
  AuthenticationCheck authentication(std::move(checks->messages), sender_checks, client_ip);
  SmtpdLogin login =
      smtpd_login({arguments.begin() + (arguments.empty() ? 0 : 1), arguments.end()},
                  environment->login, files->me);
  sys::set_no_delay(kOutput);
  sys::DescriptorConnection client(kInput, kOutput, files->timeout);
  client.rest_in_silence();
  sys::Reader input(client);
  sys::Writer output(client);
  const auto tls = make_tls(*files, *environment);
  SmtpSession session(*files, std::move(*environment), std::move(login), sender_checks, input,
                      output, *tls);
  environment.reset();
  session.add_check(authentication);
  session.resume(std::move(start.state));
  return session.run(start.begin);
}

}  // namespace reqmail::smtpd
