// qmail-popup: asks a POP3 client on descriptors 0 and 1 for user and password, then runs a
// checker with them, which continues the session (qmail-popup(8)).
//
// Runs as: root, as far as the checker needs it
// Reads: descriptor 0; whether control/servercert.pem and users/secrets.cdb are there;
//   control/servercerts
// Writes: descriptor 1; the checker's descriptor 3; refused logins on descriptor 2
// Executes: the checker of its arguments; bin/qmail-popup-tls for TLS
// Trusts: its arguments; nothing that the client sends
// Exits: 1

#include <signal.h>
#include <unistd.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/number.h"
#include "base/text.h"
#include "config.h"
#include "listen/tls_wish.h"
#include "pop3/login.h"
#include "pop3/tls.h"
#include "proto/pop3.h"
#include "sys/clock.h"
#include "sys/connection.h"
#include "sys/descriptor_io.h"
#include "sys/env.h"
#include "sys/exits.h"
#include "sys/fd.h"
#include "sys/file.h"
#include "sys/program.h"
#include "sys/signals.h"

namespace {

namespace base = reqmail::base;
namespace listen = reqmail::listen;
namespace pop3 = reqmail::pop3;
namespace proto = reqmail::proto;
namespace sys = reqmail::sys;

// The exit code is always this one, as in qmail, so that tcpserver's logs look the same.
constexpr int kExit = 1;
constexpr int kInput = 0;
constexpr int kOutput = 1;
constexpr std::string_view kOwnChecker = "qmail-checkpassword";
constexpr std::uint64_t kLoginTimeMax = 86400;

[[noreturn]] void die(std::string_view text) {
  (void)sys::write_all(kOutput, proto::pop3_error(text));
  sys::finish(kExit);
}

// Returns the challenge of APOP, which must differ from any other on this host.
std::string timestamp(std::string_view host) {
  return base::concat({"<", base::decimal(static_cast<std::uint64_t>(::getpid())), ".",
                       base::decimal(static_cast<std::uint64_t>(base::to_epoch(sys::now()))),
                       "@", host, ">"});
}

bool is_on(const char* variable) {
  const auto value = sys::environment_value(variable);
  return value && base::leading_number(*value).value_or(0) > 0;
}

// If TLS comes first, the client cannot be told what is wrong, so it is written to the log.
[[noreturn]] void die_without_tls(const std::string& text) {
  (void)sys::write_all(STDERR_FILENO, base::concat({"qmail-popup: fatal: TLS ", text, "\n"}));
  sys::finish(kExit);
}

bool is_ours(const std::string& checker) {
  return std::string_view(checker).substr(checker.rfind('/') + 1) == kOwnChecker;
}

// Without stored secrets our own checker refuses every response to a challenge, and clients
// that see a challenge do not send the password.
bool offers_apop(const std::string& checker) {
  if (const auto wish = sys::environment_value("POP3APOP")) {
    return base::leading_number(*wish).value_or(1) > 0;
  }
  return !is_ours(checker) ||
         sys::status(base::concat({reqmail::config::kHome, "/users/secrets.cdb"}));
}

pop3::Pop3LoginSettings settings_of(const std::vector<std::string>& arguments) {
  pop3::Pop3LoginSettings settings;
  settings.checker.assign(arguments.begin() + 2, arguments.end());
  settings.policy.apop = offers_apop(settings.checker.front());
  settings.policy.tls_required =
      is_on("FORCETLS") || listen::listener_tls_wish() == listen::ListenerTlsWish::required;
  if (settings.policy.apop) {
    settings.timestamp = timestamp(arguments[1]);
  }
  settings.greeting = settings.policy.apop ? settings.timestamp : arguments[1];
  // A peer on a pipe is a program of this host, which may not expect delays.
  settings.guarded = sys::is_socket(kInput) || is_ours(settings.checker.front());
  return settings;
}

base::Seconds login_time() {
  const auto value = sys::environment_value("POP3LOGINTIME");
  const auto seconds = value ? base::leading_number(*value) : std::nullopt;
  return seconds && *seconds > 0 && *seconds <= kLoginTimeMax
             ? base::Seconds(static_cast<std::int64_t>(*seconds))
             : pop3::kPop3LoginTime;
}

}  // namespace

int main(int argc, char** argv) {
  const sys::Program program({
      .out_of_memory = kExit,
      .bug = kExit,
      .out_of_memory_fd = kOutput,
      .out_of_memory_text = "-ERR out of memory\r\n",
      .holds_secrets = true,
  });
  // The signal is caught, not ignored, since the checker must start with its default action.
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
  pop3::Pop3LoginSettings settings = settings_of(std::vector<std::string>(argv, argv + argc));
  settings.implicit_tls = implicit;
  settings.time = login_time();
  const auto tls = implicit ? pop3::pop3_tls_by_child() : pop3::pop3_tls();
  sys::DescriptorConnection client(kInput, kOutput);
  if (auto served = pop3::serve_pop3_login(settings, *tls, client); !served) {
    die_without_tls(served.error().text);
  }
  sys::finish(kExit);
}
