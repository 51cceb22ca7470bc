#include "smtpd/main.h"

#include <signal.h>

#include <utility>

#include "base/text.h"
#include "config.h"
#include "smtpd/environment.h"
#include "smtpd/files.h"
#include "smtpd/login.h"
#include "sys/connection.h"
#include "sys/exits.h"
#include "sys/fd.h"
#include "sys/file.h"
#include "sys/secrets.h"
#include "sys/signals.h"
#include "sys/stream.h"

namespace reqmail::smtpd {

namespace {

constexpr int kInput = 0;
constexpr int kOutput = 1;

// A client that waits for a handshake would not understand clear text.
int refuse(const Failure& failure, SmtpBegin begin) {
  if (begin != SmtpBegin::tls) {
    (void)sys::write_all(kOutput, base::concat({"421 ", failure.text, "\r\n"}));
  }
  return kSmtpdTrouble;
}

}  // namespace

void set_up_smtpd() {
  // At once: exec has undone what the program before did.
  sys::hide_memory();
  sys::fill_standard_descriptors();
  sys::install_failure_exits(kSmtpdTrouble, kSmtpdTrouble, kOutput,
                             "421 out of memory (#4.3.0)\r\n");
  sys::ignore_signals({SIGPIPE});
  sys::reset_child_signal();
}

int serve_smtp(const std::vector<std::string>& arguments, const MakeSmtpTls& make_tls,
               SmtpdStart start) {
  if (!sys::change_directory(std::string(config::kHome))) {
    return refuse(smtpd_controls_unreadable(), start.begin);
  }
  const auto files = load_smtpd_files();
  if (!files) {
    return refuse(files.error(), start.begin);
  }
  SmtpdEnvironment environment = smtpd_environment();
  SmtpdLogin login =
      smtpd_login({arguments.begin() + (arguments.empty() ? 0 : 1), arguments.end()},
                  environment.login, files->me);
  sys::set_no_delay(kOutput);
  sys::DescriptorConnection client(kInput, kOutput, files->timeout);
  sys::Reader input(client);
  sys::Writer output(client);
  const auto tls = make_tls(*files, environment);
  SmtpSession session(*files, std::move(environment), std::move(login), input, output, *tls);
  session.resume(std::move(start.state));
  return session.run(start.begin);
}

}  // namespace reqmail::smtpd
