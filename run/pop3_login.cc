#include "run/pop3_login.h"

#include <unistd.h>

#include <string_view>
#include <utility>

#include "base/text.h"
#include "sys/fd.h"
#include "sys/process.h"
#include "sys/secrets.h"

namespace reqmail::run {

namespace {

constexpr int kCheckerDescriptor = 3;
constexpr int kNotExecuted = 1;

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
    (void)output.put(proto::pop3_error(base::concat({"TLS ", ready.error().text})));
    return true;
  }
  input.discard_buffered();
  sys::drain(input.fd());
  (void)output.put(proto::pop3_ok("begin TLS"));
  if (!output.flush() || !tls.secure(input, output)) {
    return false;
  }
  login.secured();
  return true;
}

}  // namespace

std::optional<proto::Pop3Credentials> pop3_login(const std::string& timestamp,
                                                 const proto::Pop3LoginPolicy& policy,
                                                 Pop3Tls& tls, sys::Reader& input,
                                                 sys::Writer& output) {
  input.before_read([&output]() { return output.flush(); });
  // Errors of writing stay in the Writer and come up at the next flush.
  (void)output.put(proto::pop3_ok(timestamp));
  proto::Pop3Login login(policy);
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

Result<void> run_checker(const std::vector<std::string>& checker,
                         proto::Pop3Credentials credentials, const std::string& timestamp) {
  auto pipe = sys::make_pipe();
  if (!pipe) {
    return temporary("unable to open pipe", pipe.error().error);
  }
  sys::ChildSpec spec;
  spec.program = checker.front();
  spec.arguments = checker;
  spec.descriptors = {{pipe->read.get(), kCheckerDescriptor}, {STDOUT_FILENO, STDERR_FILENO}};
  spec.exec_failed = kNotExecuted;
  auto child = sys::spawn(spec);
  if (!child) {
    return temporary("unable to fork", child.error().error);
  }
  pipe->read.close();
  using namespace std::string_view_literals;
  std::string fields =
      base::concat({credentials.user, "\0"sv, credentials.secret, "\0"sv, timestamp, "\0"sv});
  const auto written = sys::write_all(pipe->write.get(), fields);
  sys::wipe(fields);
  sys::wipe(credentials.secret);
  if (!written) {
    return temporary("unable to write pipe", written.error().error);
  }
  pipe->write.close();
  const auto ended = sys::wait_for(*child);
  if (!ended || ended->crashed) {
    return temporary("aack, child crashed");
  }
  if (ended->code != 0) {
    return permanent("authorization failed");
  }
  return {};
}

}  // namespace reqmail::run
