// The work of qmail-queue: takes a message and its envelope and queues them durably.
#pragma once

#include <array>
#include <cstddef>
#include <string_view>

#include "base/result.h"
#include "mail/envelope.h"
#include "mail/queue_names.h"
#include "queue/files.h"
#include "queue/submission.h"
#include "queue/writer.h"

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

// A message that is taken in piece by piece, by a process that may do other things between two
// pieces. Functions that return int return 0 or the exit code of qmail-queue(8); the caller
// must go no further then. The destructor removes the files of a message that is not queued.
class Acceptance {
 public:
  Acceptance(Files& files, mail::QueueLayout layout, Submission submission);

  // Makes the file of the message.
  [[nodiscard]] int begin();

  // The place for the next bytes of the message, later of the envelope. It is empty only after
  // a failure.
  [[nodiscard]] char* room() { return buffer_.data() + used_; }

  [[nodiscard]] std::size_t room_size() const { return buffer_.size() - used_; }

  // Makes room for at least `size` bytes, at most kRoomMax.
  static constexpr std::size_t kRoomMax = std::size_t{63} << 10;
  [[nodiscard]] int make_room(std::size_t size);

  // So many bytes in room() belong to the message.
  [[nodiscard]] int take_message(std::size_t count);
  // The message has ended; the envelope follows.
  [[nodiscard]] int end_message();
  // So many bytes in room() belong to the envelope.
  [[nodiscard]] int take_envelope(std::size_t count);

  // Returns whether the message has ended.
  [[nodiscard]] bool in_envelope() const { return in_envelope_; }

  // Returns whether the envelope is complete: what is left are the syncs and the commit.
  [[nodiscard]] bool is_complete() const { return complete_; }

  [[nodiscard]] Writer& writer() { return writer_; }

 private:
  // A pipe holds this many bytes.
  static constexpr std::size_t kBufferSize = std::size_t{64} << 10;

  void put(std::string_view head);
  [[nodiscard]] int flush();

  Submission submission_;
  Writer writer_;
  mail::EnvelopeScanner scanner_;
  bool in_envelope_ = false;
  bool complete_ = false;
  // Combines small pieces, so that a small file needs one write.
  std::size_t used_ = 0;
  std::array<char, kBufferSize> buffer_;
};

// Returns 0 if the message is queued durably; the caller must still pull the trigger. Otherwise
// it returns the exit code of qmail-queue(8), and the queue is as before.
[[nodiscard]] int accept(Files& files, mail::QueueLayout layout, Source& message,
                         Source& envelope, const Submission& submission);

}  // namespace reqmail::queue
