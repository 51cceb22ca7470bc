#include "remote/signer.h"

#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <string_view>
#include <utility>

#include "base/text.h"
#include "mail/header_field.h"
#include "mail/signing.h"
#include "remote/shared_signer.h"
#include "sys/child_output.h"
#include "sys/clock.h"
#include "sys/env.h"
#include "sys/file.h"
#include "sys/packets.h"
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

Failure failed() {
  return unable("qmail-sign failed");
}

// What the signer says about a failure.
Failure reason_in(std::string_view text) {
  std::string reason(text.substr(0, std::min(text.find('\n'), kReasonMax)));
  std::replace_if(
      reason.begin(), reason.end(), [](char c) { return c < ' ' || c > '~'; }, '?');
  return unable(reason);
}

// What a child says: one line with its name.
Failure reason_of_child(std::string_view text) {
  const std::string prefix = base::concat({kProgram, ": "});
  return text.starts_with(prefix) ? reason_in(text.substr(prefix.size())) : failed();
}

Result<std::string> checked(std::string fields) {
  if (!mail::are_fields(fields)) {
    return unable("qmail-sign prints no header fields");
  }
  return fields;
}

// What a signer that stays has answered.
Result<std::string> answered(std::string_view text) {
  auto answer = mail::parse_signing_answer(text);
  if (!answer) {
    return failed();
  }
  return *answer ? checked(**std::move(answer)) : reason_in(answer->error().text);
}

}  // namespace

void Signer::take_over(const RunningSigner& running) {
  if (running.pid > 0) {
    child_ = sys::Child(running.pid);
  }
  output_ = sys::Fd(running.output);
  sys::set_close_on_exec(output_.get(), true);
}

void Signer::start() {
  if (output_.valid() || result_) {
    return;
  }
  if (!request_.wanted) {
    result_ = std::string();
    return;
  }
  if (!is_regular(request_.message)) {
    result_ = unable("it is not in a regular file");
    return;
  }
  auto pipe = sys::make_pipe();
  if (!pipe) {
    result_ = unable("no pipe");
    return;
  }
  if (!ask(pipe->write.get())) {
    auto child = run(pipe->write.get());
    if (!child) {
      result_ = unable("qmail-sign cannot be started");
      return;
    }
    child_ = *std::move(child);
  }
  output_ = std::move(pipe->read);
}

// Returns whether a signer that stays has got the request. If it has ended, or has too much to
// do, a child does the work.
bool Signer::ask(int output) const {
  const auto signer = inherited_signer();
  return signer && sys::send_packet(*signer,
                                    mail::signing_request(
                                        {!sys::environment_value("NODKIM"), request_.sender}),
                                    request_.message, output)
                       .has_value();
}

Result<sys::Child> Signer::run(int output) const {
  sys::ChildSpec spec;
  spec.program = base::concat({"bin/", kProgram});
  spec.arguments = {std::string(kProgram), request_.sender};
  spec.arguments.insert(spec.arguments.end(), request_.recipients.begin(),
                        request_.recipients.end());
  spec.descriptors = {{request_.message, 0}, {output, 1}, {output, 2}};
  spec.only_reads = true;
  spec.exec_failed_before = base::concat({kProgram, ": unable to run it: "});
  return sys::spawn(spec);
}

Result<std::string> Signer::wait(std::chrono::milliseconds end) {
  auto text = sys::read_until_closed(output_.get(), kFieldsMax,
                                     std::min(end, sys::monotonic() + kSigningMax));
  output_.close();
  if (!text) {
    child_.end();
    return unread(text.error().error);
  }
  if (!child_.valid()) {
    return answered(*text);
  }
  const auto ended = child_.wait();
  if (!ended || !ended->success()) {
    return reason_of_child(*text);
  }
  return checked(*std::move(text));
}

Result<std::string> Signer::fields(std::chrono::milliseconds end) {
  start();
  if (!result_) {
    result_ = wait(end);
  }
  return *result_;
}

std::optional<RunningSigner> Signer::hand_over() const {
  if (!output_.valid()) {
    return std::nullopt;
  }
  sys::set_close_on_exec(output_.get(), false);
  return RunningSigner{child_.valid() ? child_.pid() : 0, output_.get()};
}

}  // namespace reqmail::remote
