// qmail-popup: asks a POP3 client on descriptors 0 and 1 for user and password, then has a
// checker look at them and go on (qmail-popup(8)).
//
// Runs as: root, as far as the checker needs it
// Reads: descriptor 0; whether control/servercert.pem is there; control/servercerts
// Writes: descriptor 1; the checker's descriptor 3
// Executes: the checker of its arguments; bin/qmail-popup-tls for TLS
// Trusts: its arguments; nothing that the client sends
// Exits: 1

#include <signal.h>
#include <unistd.h>

#include <string>
#include <utility>
#include <vector>

#include "base/number.h"
#include "base/text.h"
#include "run/pop3_login.h"
#include "run/pop3_session.h"
#include "run/pop3_tls.h"
#include "run/ucspi_tls.h"
#include "sys/clock.h"
#include "sys/env.h"
#include "sys/exits.h"
#include "sys/fd.h"
#include "sys/secrets.h"
#include "sys/signals.h"
#include "sys/stream.h"

namespace {

namespace base = reqmail::base;
namespace proto = reqmail::proto;
namespace run = reqmail::run;
namespace sys = reqmail::sys;

// tcpserver's logs have always shown this one, whatever happened.
constexpr int kExit = 1;
constexpr int kInput = 0;
constexpr int kOutput = 1;

[[noreturn]] void die(std::string_view text) {
  (void)sys::write_all(kOutput, proto::pop3_error(text));
  sys::finish(kExit);
}

// Unlike any other of this host: the challenge of APOP.
std::string timestamp(std::string_view host) {
  return base::concat({"<", base::decimal(static_cast<std::uint64_t>(::getpid())), ".",
                       base::decimal(static_cast<std::uint64_t>(base::to_epoch(sys::now()))),
                       "@", host, ">"});
}

bool is_on(const char* variable) {
  const auto value = sys::environment_value(variable);
  return value && base::leading_number(*value).value_or(0) > 0;
}

// Where TLS comes first there is no other way to tell anybody what is wrong.
[[noreturn]] void die_without_tls(const std::string& text) {
  (void)sys::write_all(STDERR_FILENO, base::concat({"qmail-popup: fatal: TLS ", text, "\n"}));
  sys::finish(kExit);
}

// From the greeting to the end of what the checker becomes.
void serve(const std::vector<std::string>& arguments, const proto::Pop3LoginPolicy& policy,
           run::Pop3Tls& tls, sys::Reader& input, sys::Writer& output) {
  const std::string banner = timestamp(arguments[1]);
  auto credentials = run::pop3_login(banner, policy, tls, input, output);
  if (!credentials) {
    return;
  }
  const std::vector<std::string> checker(arguments.begin() + 2, arguments.end());
  auto checked = run::run_checker(checker, std::move(*credentials), banner);
  if (!checked) {
    (void)output.put(proto::pop3_error(checked.error().text));
    (void)output.flush();
  }
}

}  // namespace

int main(int argc, char** argv) {
  sys::hide_memory();
  sys::fill_standard_descriptors();
  sys::install_failure_exits(kExit, kExit, kOutput, "-ERR out of memory\r\n");
  // Caught, not ignored: the checker must find it at its default.
  sys::disregard_signals({SIGPIPE});
  sys::reset_child_signal();
  sys::exit_on_signal(SIGALRM, kExit);
  const bool implicit = !sys::environment_value("POP3S").value_or("").empty();
  if (argc < 3) {
    if (!implicit) {
      die("usage: popup hostname subprogram");
    }
    sys::finish(kExit);
  }
  sys::set_no_delay(kOutput);
  sys::Reader input(kInput, run::kPop3Timeout);
  sys::Writer output(kOutput, run::kPop3Timeout);
  proto::Pop3LoginPolicy policy;
  policy.secure = implicit;
  policy.tls_required =
      is_on("FORCETLS") || run::listener_tls_wish() == run::ListenerTlsWish::required;
  const auto tls = implicit ? run::pop3_tls_by_child() : run::pop3_tls();
  if (implicit) {
    if (auto ready = tls->prepare(); !ready) {
      die_without_tls(ready.error().text);
    }
  }
  if (!implicit || tls->secure(input, output)) {
    serve(std::vector<std::string>(argv, argv + argc), policy, *tls, input, output);
  }
  tls->finish();
  sys::finish(kExit);
}
