#include "remote/signer.h"

#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <string_view>
#include <utility>

#include "base/text.h"
#include "control/file_name.h"
#include "mail/header_field.h"
#include "sys/child_output.h"
#include "sys/clock.h"
#include "sys/env.h"
#include "sys/file.h"
#include "sys/process.h"

namespace reqmail::remote {

namespace {

constexpr std::string_view kProgram = "qmail-sign";
// Several signatures, and the results of an ARC set.
constexpr std::size_t kFieldsMax = std::size_t{256} << 10;
constexpr std::size_t kReasonMax = 500;
// A server waits so long for DATA (RFC 5321 section 4.5.3.2.7).
constexpr std::chrono::minutes kSigningMax(5);

Failure unable(std::string_view why) {
  return temporary(base::concat({"Unable to sign the message: ", why, ". (#4.3.0)"}));
}

// What cannot be looked at counts as there: qmail-sign says what is wrong.
bool is_there(const std::string& path) {
  const auto found = sys::status(path);
  return found || (found.error().error != ENOENT && found.error().error != ENOTDIR);
}

bool is_wanted() {
  if (is_there(control::path("arcseal"))) {
    return true;
  }
  return !sys::environment_value("NODKIM") &&
         (is_there(control::path("domainkeys")) || is_there(control::path("dkimkeys")) ||
          is_there(control::path("dkimdomains")));
}

bool is_regular(int descriptor) {
  const auto status = sys::status(descriptor);
  return status && S_ISREG(status->st_mode);
}

Failure unread(int error) {
  if (error == ETIMEDOUT) {
    return unable("it takes too long");
  }
  return unable(error == EMSGSIZE ? "too many fields" : "qmail-sign cannot be read");
}

// What the child says about a failure: one line with its name.
Failure reason_in(std::string_view text) {
  const std::string prefix = base::concat({kProgram, ": "});
  text = text.substr(0, std::min(text.find('\n'), kReasonMax));
  if (!text.starts_with(prefix)) {
    return unable("qmail-sign failed");
  }
  std::string reason(text.substr(prefix.size()));
  std::replace_if(
      reason.begin(), reason.end(), [](char c) { return c < ' ' || c > '~'; }, '?');
  return unable(reason);
}

}  // namespace

Signer::Signer(std::string sender, std::vector<std::string> recipients, int message)
    : sender_(std::move(sender)), recipients_(std::move(recipients)), message_(message) {}

void Signer::take_over(const RunningSigner& running) {
  child_ = sys::Child(running.pid);
  output_ = sys::Fd(running.output);
  sys::set_close_on_exec(output_.get(), true);
}

void Signer::start() {
  if (child_.valid() || result_) {
    return;
  }
  if (!is_wanted()) {
    result_ = std::string();
    return;
  }
  if (!is_regular(message_)) {
    result_ = unable("it is not in a regular file");
    return;
  }
  auto pipe = sys::make_pipe();
  if (!pipe) {
    result_ = unable("no pipe");
    return;
  }
  sys::ChildSpec spec;
  spec.program = base::concat({"bin/", kProgram});
  spec.arguments = {std::string(kProgram), sender_};
  spec.arguments.insert(spec.arguments.end(), recipients_.begin(), recipients_.end());
  const int out = pipe->write.get();
  spec.descriptors = {{message_, 0}, {out, 1}, {out, 2}};
  spec.exec_failed_before = base::concat({kProgram, ": unable to run it: "});
  auto child = sys::spawn(spec);
  if (!child) {
    result_ = unable("qmail-sign cannot be started");
    return;
  }
  child_ = *std::move(child);
  output_ = std::move(pipe->read);
}

Result<std::string> Signer::wait(std::chrono::milliseconds end) {
  auto text = sys::read_until_closed(output_.get(), kFieldsMax,
                                     std::min(end, sys::monotonic() + kSigningMax));
  output_.close();
  if (!text) {
    child_.end();
    return unread(text.error().error);
  }
  const auto ended = child_.wait();
  if (!ended || !ended->success()) {
    return reason_in(*text);
  }
  if (!mail::are_fields(*text)) {
    return unable("qmail-sign prints no header fields");
  }
  return text;
}

Result<std::string> Signer::fields(std::chrono::milliseconds end) {
  start();
  if (!result_) {
    result_ = wait(end);
  }
  return *result_;
}

std::optional<RunningSigner> Signer::hand_over() const {
  if (!child_.valid() || !output_.valid()) {
    return std::nullopt;
  }
  sys::set_close_on_exec(output_.get(), false);
  return RunningSigner{child_.pid(), output_.get()};
}

}  // namespace reqmail::remote
