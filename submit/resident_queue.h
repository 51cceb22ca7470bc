// The way of a message into the queue through qmailq(8), which saves executing qmail-queue.
#pragma once

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

  // The number that stands where qmail-queue has its process ID.
  [[nodiscard]] std::uint64_t number() const { return number_; }

  // Appends to the message; with `is_last` the envelope follows. After a Failure nothing can be
  // appended.
  Result<void> message(std::string_view bytes, bool is_last);
  Result<void> envelope(std::string_view bytes);

  // Waits for the result, which is that of a qmail-queue, or that of one that was killed if
  // qmailq has gone. Without a complete envelope the message is not queued.
  [[nodiscard]] base::ProgramEnd finish();

 private:
  ResidentQueue(sys::Fd socket, std::uint64_t number)
      : socket_(std::move(socket)), number_(number) {}

  Result<void> send(char kind, std::string_view bytes);

  sys::Fd socket_;
  std::uint64_t number_;
};

}  // namespace reqmail::submit
