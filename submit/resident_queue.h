// The way of a message into the queue through qmailq(8), which saves executing qmail-queue.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/program_end.h"
#include "base/result.h"
#include "sys/fd.h"

namespace reqmail::submit {

// A message that qmailq takes in: the same files, codes and fields as with qmail-queue.
class ResidentQueue {
 public:
  // Returns nullopt if qmail-queue must be executed: QMAILQUEUE is set; this user may not
  // connect to qmailq; qmailq is not there, does not answer within a second, has too much to do
  // or does the work of another file than bin/qmail-queue; or what this process has must count
  // for the program that it executes (a limit of the size of files, another real than effective
  // user). `environment` has NAME=VALUE strings that replace the caller's. SIGPIPE is ignored
  // from now on, as by start_queue_program().
  static std::optional<ResidentQueue> open(
      const std::optional<std::vector<std::string>>& environment);

  // The same for a caller that must not wait. begin() asks qmailq, which may still refuse: the
  // descriptor is readable when look_for_greeting() should be called. After kGreetingLimit the
  // caller executes qmail-queue.
  static std::optional<ResidentQueue> begin(
      const std::optional<std::vector<std::string>>& environment);
  static constexpr std::chrono::milliseconds kGreetingLimit{1000};
  enum class Greeting { awaited, come, refused };
  Greeting look_for_greeting();

  [[nodiscard]] int fd() const { return socket_.get(); }

  // The number that stands where qmail-queue has its process ID.
  [[nodiscard]] std::uint64_t number() const { return number_; }

  // Appends to the message; with `is_last` the envelope follows. After a Failure nothing can be
  // appended.
  Result<void> message(std::string_view bytes, bool is_last);
  Result<void> envelope(std::string_view bytes);

  // The same for at most kQueuePieceMax bytes, without waiting: Failure.error is EAGAIN if
  // there is no room until the descriptor is writable.
  Result<void> try_message(std::string_view bytes, bool is_last);
  Result<void> try_envelope(std::string_view bytes);

  // Waits for the result, which is that of a qmail-queue, or that of one that was killed if
  // qmailq has gone. Without a complete envelope the message is not queued.
  [[nodiscard]] base::ProgramEnd finish();

  // The two parts of finish() for a caller that must not wait: nothing follows; the result, if
  // it has come.
  void end();
  std::optional<base::ProgramEnd> look_for_result();

 private:
  explicit ResidentQueue(sys::Fd socket) : socket_(std::move(socket)) {}

  Result<void> send(char kind, std::string_view bytes);

  sys::Fd socket_;
  std::uint64_t number_ = 0;
};

}  // namespace reqmail::submit
