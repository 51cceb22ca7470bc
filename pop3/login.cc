#include "pop3/login.h"

#include <unistd.h>

#include <optional>
#include <string_view>
#include <utility>

#include "base/text.h"
#include "base/wipe.h"
#include "listen/auth_log.h"
#include "listen/session_tls.h"
#include "mail/verdict_codec.h"
#include "proto/pop3.h"
#include "sys/clock.h"
#include "sys/env.h"
#include "sys/exits.h"
#include "sys/fd.h"
#include "sys/patience.h"
#include "sys/process.h"
#include "sys/stream.h"

namespace reqmail::pop3 {

namespace {

constexpr std::string_view kProgram = "qmail-popup";
constexpr int kCheckerDescriptor = 3;

// Reads one line of the client. False: it is gone, silent for too long or never ends its line.
bool read_line(sys::Reader& input, sys::Writer& output, std::string& line) {
  const auto end = input.get_line(line, proto::kPop3CommandMax);
  if (end && *end == sys::LineEnd::too_long) {
    (void)output.put(proto::pop3_error("line too long"));
    (void)output.flush();
  }
  return end && *end == sys::LineEnd::line;
}

// False: the session is over.
bool start_tls(listen::SessionTls& tls, proto::Pop3Login& login) {
  switch (tls.answer({}, {proto::pop3_ok("begin TLS"), [](const Failure& why) {
                            return proto::pop3_error(base::concat({"TLS ", why.text}));
                          }})) {
  case listen::SessionTls::Answer::secured:
    login.secured();
    return true;
  case listen::SessionTls::Answer::refused:
    return true;
  case listen::SessionTls::Answer::lost:
    break;
  }
  return false;
}

// Answers commands until the client gives credentials; nullopt if it ended before that.
std::optional<proto::Pop3Credentials> ask(proto::Pop3Login& login, listen::SessionTls& tls,
                                          sys::Reader& input, sys::Writer& output) {
  std::string line;
  while (read_line(input, output, line)) {
    proto::Pop3LoginStep step = login.handle(line, tls.offered());
    base::wipe(line);
    input.wipe_consumed();
    if (step.start_tls) {
      if (!start_tls(tls, login)) {
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

// Starts the checker and tells it the login. A Failure has the text of the error reply.
Result<sys::Child> start_checker(const Pop3LoginSettings& settings,
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
  base::wipe(fields);
  base::wipe(credentials.secret);
  if (!written) {
    // It may do without what it has not read.
    (void)child->release();
    return temporary("unable to write pipe", written.error().error);
  }
  return child;
}

mail::LoginVerdict say_trouble(std::string_view text, sys::Writer& output) {
  (void)output.put(proto::pop3_error(text));
  (void)output.flush();
  return mail::LoginVerdict::trouble;
}

// A program that ends otherwise than with 0 after the checker has become a user is no refusal,
// although the client is told the same as ever.
mail::LoginVerdict check(const Pop3LoginSettings& settings, proto::Pop3Credentials& credentials,
                         sys::Writer& output) {
  constexpr std::string_view kRefusal = "authorization failed";
  auto child = start_checker(settings, credentials);
  if (!child) {
    return say_trouble(child.error().text, output);
  }
  const bool is_user = child->uid_at_end() != ::getuid();
  const auto ended = child->wait();
  if (!ended || ended->crashed) {
    return say_trouble("aack, child crashed", output);
  }
  const mail::LoginVerdict verdict = mail::checkpassword_verdict(*ended);
  if (verdict == mail::LoginVerdict::accepted) {
    return verdict;
  }
  if (is_user || verdict == mail::LoginVerdict::trouble || !settings.guarded) {
    return say_trouble(kRefusal, output);
  }
  listen::log_login(kProgram, "auth-failed", proto::pop3_method_name(credentials.method),
                    credentials.user,
                    sys::environment_value("TCPREMOTEIP").value_or("unknown"));
  // The answer is not held back, since clients may have less patience. A client that hangs up
  // and comes again leaves this process, and its place with the listener, occupied for as long.
  (void)output.put(proto::pop3_error(kRefusal));
  (void)output.flush();
  sys::pause_for(kPop3DelayAfterRefusal);
  return mail::LoginVerdict::refused;
}

// From the greeting on.
void serve(const Pop3LoginSettings& settings, listen::SessionTls& tls, sys::Reader& input,
           sys::Writer& output) {
  // Errors of writing stay in the Writer and come up at the next flush.
  (void)output.put(proto::pop3_ok(settings.greeting));
  proto::Pop3LoginPolicy policy = settings.policy;
  policy.secure = settings.implicit_tls;
  proto::Pop3Login login(policy);
  for (unsigned failures = 0; failures < kPop3FailuresMax; ++failures) {
    auto credentials = ask(login, tls, input, output);
    if (!credentials || check(settings, *credentials, output) != mail::LoginVerdict::refused) {
      break;
    }
  }
  (void)output.flush();
}

}  // namespace

Result<void> serve_pop3_login(const Pop3LoginSettings& settings, tls::StartTls& tls,
                              sys::DescriptorConnection& client) {
  sys::Patience patience;
  patience.within(settings.time);
  client.stop_at_line_ends();
  sys::Reader input(client);
  sys::Writer output(client);
  input.limit_by(patience);
  output.limit_by(patience);
  input.before_read([&output]() { return output.flush(); });
  listen::SessionTls session(kProgram, tls, input, output);
  tls::TlsRequest first;
  first.end = patience.end();
  if (settings.implicit_tls) {
    if (auto ready = session.prepare(first); !ready) {
      return ready;
    }
  }
  if (!settings.implicit_tls || session.secure(first)) {
    serve(settings, session, input, output);
  }
  session.close();
  return {};
}

}  // namespace reqmail::pop3
