#include "queue/injector.h"

#include <signal.h>

#include <utility>

#include "base/text.h"
#include "config.h"
#include "mail/envelope.h"
#include "mail/verdict_codec.h"
#include "sys/env.h"
#include "sys/error.h"
#include "sys/process.h"
#include "sys/signals.h"

namespace reqmail::queue {

namespace {

// A message that fits leaves in one write(2).
constexpr std::size_t kPipeBuffer = std::size_t{32} << 10;

// QMAILQUEUE, or qmail-queue itself; relative to qmail's home.
std::string queue_program() {
  const auto chosen = sys::environment_value("QMAILQUEUE");
  if (!chosen) {
    return "bin/qmail-queue";
  }
  // Never looked up in PATH.
  return chosen->find('/') == std::string::npos ? "./" + *chosen : *chosen;
}

// The first letter and the text a queue program may have left. It has ended, but a child of its
// own may hold the pipe open, so nothing is waited for.
std::string read_reason(const sys::Fd& pipe) {
  sys::set_nonblocking(pipe.get());
  char buffer[mail::kCustomTextMax + 1];
  std::string reason;
  while (reason.size() < sizeof buffer) {
    auto count = sys::read_some(pipe.get(), buffer, sizeof buffer - reason.size());
    if (!count || *count == 0) {
      break;
    }
    reason.append(buffer, *count);
  }
  return reason;
}

}  // namespace

Result<Injector> Injector::start(std::optional<std::vector<std::string>> environment) {
  auto message = sys::make_pipe();
  if (!message) {
    return message.error();
  }
  auto envelope = sys::make_pipe();
  if (!envelope) {
    return envelope.error();
  }
  auto reason = sys::make_pipe();
  if (!reason) {
    return reason.error();
  }
  // A queue program that ends early must not take its caller along.
  sys::ignore_signals({SIGPIPE});
  sys::ChildSpec spec;
  spec.program = queue_program();
  spec.arguments = {spec.program};
  spec.descriptors = {{message->read.get(), 0},
                      {envelope->read.get(), 1},
                      {reason->write.get(), 4},
                      {reason->write.get(), 6}};
  spec.environment = std::move(environment);
  spec.directory = std::string(config::kHome);
  spec.exec_failed = mail::queue_exit::kNotExecuted;
  auto child = sys::spawn(spec);
  if (!child) {
    return child.error();
  }
  Injector injector;
  injector.pid_ = *child;
  injector.message_ = std::move(message->write);
  injector.envelope_ = std::move(envelope->write);
  injector.reason_ = std::move(reason->read);
  injector.writer_.emplace(injector.message_.get(), kPipeBuffer);
  return injector;
}

Injector::Injector(Injector&& other) noexcept
    : pid_(std::exchange(other.pid_, -1)),
      message_(std::move(other.message_)),
      envelope_(std::move(other.envelope_)),
      reason_(std::move(other.reason_)),
      writer_(std::move(other.writer_)),
      broken_(other.broken_),
      in_envelope_(other.in_envelope_),
      bad_address_(other.bad_address_) {}

Injector& Injector::operator=(Injector&& other) noexcept {
  if (this != &other) {
    abandon();
    pid_ = std::exchange(other.pid_, -1);
    message_ = std::move(other.message_);
    envelope_ = std::move(other.envelope_);
    reason_ = std::move(other.reason_);
    writer_ = std::move(other.writer_);
    broken_ = other.broken_;
    in_envelope_ = other.in_envelope_;
    bad_address_ = other.bad_address_;
  }
  return *this;
}

Injector::~Injector() {
  abandon();
}

void Injector::abandon() {
  if (pid_ >= 0) {
    message_.close();
    envelope_.close();
    reason_.close();
    (void)sys::wait_for(std::exchange(pid_, -1));
  }
}

void Injector::put(std::string_view bytes) {
  if (!broken_ && !writer_->put(bytes)) {
    broken_ = true;
  }
}

void Injector::message(std::string_view bytes) {
  if (!in_envelope_) {
    put(bytes);
  }
}

void Injector::give_up() {
  broken_ = true;
}

void Injector::record(char letter, std::string_view address) {
  if (address.find('\0') != std::string_view::npos) {
    bad_address_ = true;
    broken_ = true;
    return;
  }
  put(std::string_view(&letter, 1));
  put(address);
  put(mail::kNul);
}

void Injector::sender(std::string_view address) {
  if (!broken_ && !writer_->flush()) {
    broken_ = true;
  }
  message_.close();
  writer_.emplace(envelope_.get(), kPipeBuffer);
  in_envelope_ = true;
  record('F', address);
}

void Injector::recipient(std::string_view address) {
  record('T', address);
}

Result<void> Injector::finish() {
  if (!in_envelope_) {
    broken_ = true;
  }
  put(mail::kNul);
  if (!broken_ && !writer_->flush()) {
    broken_ = true;
  }
  message_.close();
  envelope_.close();
  auto status = sys::wait_for(std::exchange(pid_, -1));
  if (!status) {
    return temporary("qq waitpid surprise (#4.3.0)", status.error().error);
  }
  if (bad_address_) {
    return permanent("envelope address contains a NUL (#5.1.3)");
  }
  const bool custom = !status->crashed && status->code != 0;
  return mail::queue_program_verdict({status->crashed, status->code}, !broken_,
                                     custom ? read_reason(reason_) : std::string());
}

}  // namespace reqmail::queue
