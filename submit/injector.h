// Puts a message into the queue. Everything that injects mail (qmail-smtpd, qmail-inject,
// qmail-local, forward ...) uses this class, so that QMAILQUEUE programs work everywhere. Only
// qmail-send uses submit/queue_program.h and submit/resident_queue.h directly for its bounces.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/program_end.h"
#include "base/result.h"
#include "submit/program_talk.h"
#include "submit/resident_queue.h"
#include "sys/child.h"
#include "sys/fd.h"

namespace reqmail::submit {

// A queue program that runs as a child and gets a message and then its envelope
// (qmail-queue(8)). It is bin/qmail-queue under qmail's home, or QMAILQUEUE: an absolute path,
// or one relative to the home. If QMAILQUEUE is empty, no program can be executed. Where
// qmailq(8) can do the work of bin/qmail-queue, it takes the place of that program.
class Injector {
 public:
  // Starts the queue program (submit/queue_program.h). If it cannot be executed, finish()
  // reports that.
  static Result<Injector> start(
      std::optional<std::vector<std::string>> environment = std::nullopt);

  // A moved-from object takes no message and waits for nothing.
  Injector(Injector&& other) noexcept : Injector() { *this = std::move(other); }

  Injector& operator=(Injector&& other) noexcept;
  Injector(const Injector&) = delete;
  Injector& operator=(const Injector&) = delete;
  // If finish() was not called, the queue program gets an envelope that it must refuse. Waits
  // for the program.
  ~Injector();

  // Returns the process ID of the queue program, or qmailq's number of the message, until
  // finish(). It is the "qp" of replies and logs.
  [[nodiscard]] pid_t pid() const {
    return resident_ ? static_cast<pid_t>(resident_->number()) : child_.pid();
  }

  // Appends to the message. Errors of writing are reported by finish().
  void message(std::string_view bytes);

  // Called if the caller finds the message unfit; finish() will not queue it.
  void give_up();

  // The sender ends the message; recipients follow. An address with a NUL makes finish() fail
  // permanently.
  void sender(std::string_view address);
  void recipient(std::string_view address);

  // Ends the envelope and waits; must be called only once. After success the message is queued
  // durably. A Failure has the text that the queue program wrote (exit codes 82 and 88 with a
  // text on descriptors 4 and 6), or the text for its exit code, such as "qq write error or
  // disk full (#4.3.0)". After give_up() it is the result of the program.
  Result<void> finish();

 private:
  Injector() = default;

  static Result<Injector> start_program(std::optional<std::vector<std::string>> environment);

  void abandon();
  void put(std::string_view bytes);
  void flush();
  void write(std::string_view bytes);
  void end_message();
  Result<base::ProgramEnd> wait();
  void record(char letter, std::string_view address);

  // What takes the message: the one or the other.
  std::optional<ResidentQueue> resident_;
  sys::Child child_;
  sys::Fd message_;
  sys::Fd envelope_;
  ProgramTalk talk_;
  std::string buffer_;  // bytes for message_, later for envelope_
  bool broken_ = false;
  bool in_envelope_ = false;
  bool bad_address_ = false;
};

}  // namespace reqmail::submit
