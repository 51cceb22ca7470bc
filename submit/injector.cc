#include "submit/injector.h"

#include <utility>

#include "mail/envelope.h"
#include "mail/verdict_codec.h"
#include "submit/queue_program.h"

namespace reqmail::submit {

namespace {

// A message up to this size needs only one write(2).
constexpr std::size_t kPipeBuffer = std::size_t{32} << 10;

}  // namespace

Result<Injector> Injector::start(std::optional<std::vector<std::string>> environment) {
  auto resident = ResidentQueue::open(environment);
  if (!resident) {
    return start_program(std::move(environment));
  }
  Injector injector;
  injector.resident_ = std::move(resident);
  return injector;
}

Result<Injector> Injector::start_program(std::optional<std::vector<std::string>> environment) {
  auto program = start_queue_program(std::move(environment));
  if (!program) {
    return program.error();
  }
  Injector injector;
  injector.child_ = std::move(program->child);
  injector.message_ = std::move(program->message);
  injector.envelope_ = std::move(program->envelope);
  injector.talk_ = ProgramTalk(std::move(program->words));
  return injector;
}

Injector& Injector::operator=(Injector&& other) noexcept {
  if (this != &other) {
    abandon();
    resident_ = std::exchange(other.resident_, std::nullopt);
    child_ = std::move(other.child_);
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
  if (resident_) {
    (void)resident_->finish();
    resident_.reset();
  }
  if (child_.valid()) {
    message_.close();
    envelope_.close();
    (void)talk_.wait_for(child_);
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
  if (broken_) {
    return;
  }
  if (!resident_) {
    broken_ = !talk_.write(in_envelope_ ? envelope_.get() : message_.get(), bytes);
  } else if (in_envelope_) {
    broken_ = !resident_->envelope(bytes);
  } else {
    broken_ = !resident_->message(bytes, false);
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

void Injector::end_message() {
  if (!resident_) {
    flush();
    message_.close();
  } else if (!broken_) {
    broken_ = !resident_->message(buffer_, true);
    buffer_.clear();
  }
  in_envelope_ = true;
}

void Injector::sender(std::string_view address) {
  end_message();
  record('F', address);
}

void Injector::recipient(std::string_view address) {
  record('T', address);
}

Result<base::ProgramEnd> Injector::wait() {
  if (!resident_) {
    return talk_.wait_for(child_);
  }
  const base::ProgramEnd end = resident_->finish();
  resident_.reset();
  return end;
}

Result<void> Injector::finish() {
  if (!in_envelope_) {
    broken_ = true;
  }
  put(mail::kNul);
  flush();
  message_.close();
  envelope_.close();
  auto status = wait();
  if (!status) {
    return temporary("qq waitpid surprise (#4.3.0)", status.error().error);
  }
  if (bad_address_) {
    return permanent("envelope address contains a NUL (#5.1.3)");
  }
  return mail::queue_program_verdict(*status, !broken_, talk_.words());
}

}  // namespace reqmail::submit
