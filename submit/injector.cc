#include "submit/injector.h"

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

namespace reqmail::submit {

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
  for (const int end : {message->write.get(), envelope->write.get()}) {
    sys::set_nonblocking(end);
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
  injector.talk_ = ProgramTalk(std::move(reason->read));
  return injector;
}

Injector::Injector(Injector&& other) noexcept
    : pid_(std::exchange(other.pid_, -1)),
      message_(std::move(other.message_)),
      envelope_(std::move(other.envelope_)),
      talk_(std::move(other.talk_)),
      buffer_(std::move(other.buffer_)),
      broken_(other.broken_),
      in_envelope_(other.in_envelope_),
      bad_address_(other.bad_address_) {}

Injector& Injector::operator=(Injector&& other) noexcept {
  if (this != &other) {
    abandon();
    pid_ = std::exchange(other.pid_, -1);
    message_ = std::move(other.message_);
    envelope_ = std::move(other.envelope_);
    talk_ = std::move(other.talk_);
    buffer_ = std::move(other.buffer_);
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
    (void)talk_.wait_for(std::exchange(pid_, -1));
  }
}

void Injector::put(std::string_view bytes) {
  if (buffer_.size() + bytes.size() > kPipeBuffer) {
    flush();
  }
  if (bytes.size() > kPipeBuffer) {
    write(bytes);
  } else {
    buffer_.append(bytes);
  }
}

void Injector::flush() {
  write(buffer_);
  buffer_.clear();
}

void Injector::write(std::string_view bytes) {
  const int fd = in_envelope_ ? envelope_.get() : message_.get();
  broken_ = broken_ || !talk_.write(fd, bytes);
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
  flush();
  message_.close();
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
  flush();
  message_.close();
  envelope_.close();
  auto status = talk_.wait_for(std::exchange(pid_, -1));
  if (!status) {
    return temporary("qq waitpid surprise (#4.3.0)", status.error().error);
  }
  if (bad_address_) {
    return permanent("envelope address contains a NUL (#5.1.3)");
  }
  return mail::queue_program_verdict({status->crashed, status->code}, !broken_, talk_.words());
}

}  // namespace reqmail::submit
