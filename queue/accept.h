// The work of qmail-queue: takes a message and its envelope and queues them durably.
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <cstdint>

#include "base/result.h"
#include "base/time.h"
#include "mail/queue_names.h"
#include "mail/received.h"
#include "queue/files.h"

namespace reqmail::queue {

// A source of bytes.
class Source {
 public:
  Source() = default;
  Source(const Source&) = delete;
  Source& operator=(const Source&) = delete;
  virtual ~Source() = default;

  // Returns the number of bytes read, 0 at the end. Failure.error is ETIMEDOUT if the time is
  // over.
  virtual Result<std::size_t> read(char* buffer, std::size_t size) = 0;
};

// Reads from a descriptor that it does not own. The time is over when a signal of
// sys::interrupt_on_signal() has come.
class DescriptorSource final : public Source {
 public:
  explicit DescriptorSource(int fd) : fd_(fd) {}

  Result<std::size_t> read(char* buffer, std::size_t size) override;

 private:
  int fd_;
};

// Who queues the message, for the Received field and the u and p records.
struct Submission {
  std::uint64_t pid = 0;
  std::uint64_t uid = 0;
  mail::QueueCaller caller = mail::QueueCaller::user;
  base::Time now{};
  // What the sender wants to be told (mail/dsn.h); empty: nothing is kept.
  std::string dsn = {};
};

// Returns 0 if the message is queued durably; the caller must still pull the trigger. Otherwise
// it returns the exit code of qmail-queue(8), and the queue is as before.
[[nodiscard]] int accept(Files& files, mail::QueueLayout layout, Source& message,
                         Source& envelope, const Submission& submission);

}  // namespace reqmail::queue
