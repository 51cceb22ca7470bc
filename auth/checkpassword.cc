#include "auth/checkpassword.h"

#include <signal.h>
#include <sys/types.h>

#include <cerrno>
#include <chrono>

#include "base/text.h"
#include "base/wipe.h"
#include "sys/exits.h"
#include "sys/fd.h"
#include "sys/file.h"
#include "sys/process.h"
#include "sys/signals.h"
#include "sys/stream.h"

namespace reqmail::auth {

namespace {

constexpr int kLoginDescriptor = 3;

// Returns user NUL secret NUL; if there is a challenge, it follows with a NUL.
std::string login_fields(const Login& login) {
  using namespace std::string_view_literals;
  return base::concat({login.user, "\0"sv, login.secret, "\0"sv, login.challenge,
                       login.challenge.empty() ? ""sv : "\0"sv});
}

// A program that does not read its input may still succeed; but if it does not read as much as
// a full pipe, it must not block the caller.
bool hand_over(const sys::Fd& pipe, std::string_view fields) {
  sys::set_nonblocking(pipe.get());
  const auto written = sys::write_some(pipe.get(), fields);
  return written ? *written == fields.size() : written.error().error == EPIPE;
}

mail::LoginVerdict wait_for_verdict(sys::Child& checker, bool handed_over,
                                    base::Seconds limit) {
  const auto time = std::chrono::milliseconds(handed_over ? limit.count() * 1000 : 0);
  const auto status = checker.wait_for(time);
  if (status && *status) {
    return handed_over ? mail::checkpassword_verdict(**status) : mail::LoginVerdict::trouble;
  }
  checker.end();
  return mail::LoginVerdict::trouble;
}

}  // namespace

mail::LoginVerdict check_password(const std::vector<std::string>& checker, const Login& login,
                                  base::Seconds limit) {
  sys::ignore_signals({SIGPIPE});
  auto pipe = sys::make_pipe();
  const auto nothing = sys::open_read_write("/dev/null");
  if (!pipe || !nothing) {
    return mail::LoginVerdict::trouble;
  }
  // Descriptors that a listener has left open are not for the checker.
  sys::set_close_on_exec_from(kLoginDescriptor);
  sys::ChildSpec spec;
  spec.program = checker.front();
  spec.arguments = checker;
  spec.descriptors = {
      {nothing->get(), 0}, {nothing->get(), 1}, {pipe->read.get(), kLoginDescriptor}};
  spec.exec_failed = sys::kExitTemporary;
  auto child = sys::spawn(spec);
  if (!child) {
    return mail::LoginVerdict::trouble;
  }
  pipe->read.close();
  std::string fields = login_fields(login);
  const bool handed_over = hand_over(pipe->write, fields);
  base::wipe(fields);
  pipe->write.close();
  return wait_for_verdict(*child, handed_over, limit);
}

}  // namespace reqmail::auth
