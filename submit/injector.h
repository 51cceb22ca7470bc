// A message on its way into the queue: everything that injects mail (qmail-smtpd, qmail-inject,
// qmail-local, forward, bounces ...) does it through this class, so that a QMAILQUEUE program
// works everywhere.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "submit/program_talk.h"
#include "sys/child.h"
#include "sys/fd.h"

namespace reqmail::submit {

// The queue program running as a child, fed with a message and then its envelope
// (qmail-queue(8)): bin/qmail-queue under qmail's home, or QMAILQUEUE (an absolute path, or one
// relative to the home; empty: unable to run).
class Injector {
 public:
  // Starts the queue program (submit/queue_program.h). One that cannot be run shows at
  // finish().
  static Result<Injector> start(
      std::optional<std::vector<std::string>> environment = std::nullopt);
  Injector(Injector&& other) noexcept = default;
  Injector& operator=(Injector&& other) noexcept;
  Injector(const Injector&) = delete;
  Injector& operator=(const Injector&) = delete;
  // Not finished: the queue program gets an envelope that it must refuse, and is waited for.
  ~Injector();

  // Process id of the queue program, until finish(): the "qp" of replies and logs.
  [[nodiscard]] pid_t pid() const { return child_.pid(); }

  // Bytes of the message. Errors of writing are kept until finish().
  void message(std::string_view bytes);

  // The caller found the message unfit after all: finish() will not queue it.
  void give_up();

  // The envelope sender ends the message; recipients follow. An address with a NUL makes
  // finish() fail for good.
  void sender(std::string_view address);
  void recipient(std::string_view address);

  // Ends the envelope and waits; called once. Success: the message is durably queued. A Failure
  // has the queue program's own text (exit codes 82 and 88 with text on descriptors 4 and 6) or
  // the one that belongs to its exit code, e.g. "qq write error or disk full (#4.3.0)". After
  // give_up(): whatever the program said.
  Result<void> finish();

 private:
  Injector() = default;

  void abandon();
  void put(std::string_view bytes);
  void flush();
  void write(std::string_view bytes);
  void record(char letter, std::string_view address);

  sys::Child child_;
  sys::Fd message_;
  sys::Fd envelope_;
  ProgramTalk talk_;
  std::string buffer_;  // for message_, then for envelope_
  bool broken_ = false;
  bool in_envelope_ = false;
  bool bad_address_ = false;
};

}  // namespace reqmail::submit
