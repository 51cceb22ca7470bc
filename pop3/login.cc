#include "pop3/login.h"

#include <unistd.h>

#include <optional>
#include <string_view>
#include <utility>

#include "base/text.h"
#include "listen/auth_log.h"
#include "listen/tls_log.h"
#include "proto/pop3.h"
#include "sys/clock.h"
#include "sys/env.h"
#include "sys/exits.h"
#include "sys/fd.h"
#include "sys/process.h"
#include "sys/secrets.h"

namespace reqmail::pop3 {

namespace {

constexpr std::string_view kProgram = "qmail-popup";
constexpr int kCheckerDescriptor = 3;

// What a checker says of a login.
enum class Verdict {
  accepted,  // and what it became has ended
  refused,
  trouble,  // told the client, or it could not be found out
};

// One line of the client; nothing where it is gone, silent for too long or never ends its line.
bool read_line(sys::Reader& input, sys::Writer& output, std::string& line) {
  const auto end = input.get_line(line, proto::kPop3CommandMax);
  if (end && *end == sys::LineEnd::too_long) {
    (void)output.put(proto::pop3_error("line too long"));
    (void)output.flush();
  }
  return end && *end == sys::LineEnd::line;
}

// False: the session is over. What the client sent behind STLS is forgotten: it may come from
// somebody else.
bool start_tls(Pop3Tls& tls, proto::Pop3Login& login, sys::Reader& input, sys::Writer& output) {
  if (!output.flush()) {
    return false;
  }
  if (auto ready = tls.prepare(); !ready) {
    listen::log_tls(kProgram, ready.error().text);
    (void)output.put(proto::pop3_error(base::concat({"TLS ", ready.error().text})));
    return true;
  }
  input.discard_buffered();
  sys::drain(input.connection().input());
  (void)output.put(proto::pop3_ok("begin TLS"));
  if (!output.flush()) {
    return false;
  }
  if (auto secured = tls.secure(input, output); !secured) {
    listen::log_tls(kProgram, secured.error().text);
    return false;
  }
  login.secured();
  return true;
}

// Commands until the client gives credentials; nothing where it ended before that.
std::optional<proto::Pop3Credentials> ask(proto::Pop3Login& login, Pop3Tls& tls,
                                          sys::Reader& input, sys::Writer& output) {
  std::string line;
  while (read_line(input, output, line)) {
    proto::Pop3LoginStep step = login.handle(line, tls.offered());
    sys::wipe(line);
    input.wipe_consumed();
    if (step.start_tls) {
      if (!start_tls(tls, login, input, output)) {
        return std::nullopt;
      }
      continue;
    }
    (void)output.put(step.reply);
    if (step.check || step.quit) {
      (void)output.flush();
      return std::move(step.check);
    }
  }
  return std::nullopt;
}

// The checker and, behind it, its login. A Failure has the text of the error reply.
Result<pid_t> start_checker(const Pop3LoginSettings& settings,
                            proto::Pop3Credentials& credentials) {
  auto pipe = sys::make_pipe();
  if (!pipe) {
    return temporary("unable to open pipe", pipe.error().error);
  }
  sys::ChildSpec spec;
  spec.program = settings.checker.front();
  spec.arguments = settings.checker;
  spec.descriptors = {{pipe->read.get(), kCheckerDescriptor}, {STDOUT_FILENO, STDERR_FILENO}};
  spec.exec_failed = sys::kExitTemporary;
  auto child = sys::spawn(spec);
  if (!child) {
    return temporary("unable to fork", child.error().error);
  }
  pipe->read.close();
  using namespace std::string_view_literals;
  std::string fields = base::concat(
      {credentials.user, "\0"sv, credentials.secret, "\0"sv, settings.timestamp, "\0"sv});
  const auto written = sys::write_all(pipe->write.get(), fields);
  sys::wipe(fields);
  sys::wipe(credentials.secret);
  if (!written) {
    return temporary("unable to write pipe", written.error().error);
  }
  return *child;
}

Verdict say_trouble(std::string_view text, sys::Writer& output) {
  (void)output.put(proto::pop3_error(text));
  (void)output.flush();
  return Verdict::trouble;
}

// A program that ends otherwise than with 0 after the checker has become a user is no refusal,
// although the client is told the same as ever.
Verdict check(const Pop3LoginSettings& settings, proto::Pop3Credentials& credentials,
              sys::Writer& output) {
  constexpr std::string_view kRefusal = "authorization failed";
  const auto child = start_checker(settings, credentials);
  if (!child) {
    return say_trouble(child.error().text, output);
  }
  const bool is_user = sys::uid_at_end(*child) != ::getuid();
  const auto ended = sys::wait_for(*child);
  if (!ended || ended->crashed) {
    return say_trouble("aack, child crashed", output);
  }
  if (ended->code == 0) {
    return Verdict::accepted;
  }
  if (is_user || ended->code == sys::kExitTemporary || !settings.guarded) {
    return say_trouble(kRefusal, output);
  }
  listen::log_login(kProgram, "auth-failed", proto::pop3_method_name(credentials.method),
                    credentials.user,
                    sys::environment_value("TCPREMOTEIP").value_or("unknown"));
  // The answer is not held back, as clients may have less patience; whoever hangs up and comes
  // again leaves this process, and its place with the listener, behind for as long.
  (void)output.put(proto::pop3_error(kRefusal));
  (void)output.flush();
  sys::pause_for(kPop3DelayAfterRefusal);
  return Verdict::refused;
}

}  // namespace

void serve_pop3_login(const Pop3LoginSettings& settings, Pop3Tls& tls, sys::Reader& input,
                      sys::Writer& output) {
  input.before_read([&output]() { return output.flush(); });
  // Errors of writing stay in the Writer and come up at the next flush.
  (void)output.put(proto::pop3_ok(settings.greeting));
  proto::Pop3Login login(settings.policy);
  for (unsigned failures = 0; failures < kPop3FailuresMax; ++failures) {
    auto credentials = ask(login, tls, input, output);
    if (!credentials || check(settings, *credentials, output) != Verdict::refused) {
      break;
    }
  }
  (void)output.flush();
}

}  // namespace reqmail::pop3
