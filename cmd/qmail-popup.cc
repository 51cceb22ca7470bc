// qmail-popup: asks a POP3 client on descriptors 0 and 1 for user and password, then has a
// checker look at them and go on (qmail-popup(8)).
//
// Runs as: root, as far as the checker needs it
// Reads: descriptor 0
// Writes: descriptor 1; the checker's descriptor 3
// Executes: the checker of its arguments
// Trusts: its arguments; nothing that the client sends
// Exits: 1

#include <signal.h>
#include <unistd.h>

#include <string>
#include <vector>

#include "base/number.h"
#include "base/text.h"
#include "run/pop3_login.h"
#include "run/pop3_session.h"
#include "sys/clock.h"
#include "sys/exits.h"
#include "sys/fd.h"
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

}  // namespace

int main(int argc, char** argv) {
  sys::fill_standard_descriptors();
  sys::install_failure_exits(kExit, kExit, kOutput, "-ERR out of memory\r\n");
  // Caught, not ignored: the checker must find it at its default.
  sys::disregard_signals({SIGPIPE});
  sys::reset_child_signal();
  sys::exit_on_signal(SIGALRM, kExit);
  if (argc < 3) {
    die("usage: popup hostname subprogram");
  }
  sys::set_no_delay(kOutput);
  const std::string banner = timestamp(argv[1]);
  sys::Reader input(kInput, run::kPop3Timeout);
  sys::Writer output(kOutput, run::kPop3Timeout);
  auto credentials = run::pop3_login(banner, input, output);
  if (credentials) {
    const std::vector<std::string> checker(argv + 2, argv + argc);
    auto checked = run::run_checker(checker, std::move(*credentials), banner);
    if (!checked) {
      die(checked.error().text);
    }
  }
  sys::finish(kExit);
}
