#include "queue/accept.h"

#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <string>
#include <string_view>

#include "mail/envelope.h"
#include "mail/verdict_codec.h"
#include "queue/writer.h"
#include "sys/error.h"
#include "sys/signals.h"

namespace reqmail::queue {

namespace {

namespace exits = mail::queue_exit;

// A pipe holds this many bytes.
constexpr std::size_t kBufferSize = std::size_t{64} << 10;

int read_exit(const Failure& failure) {
  return failure.error == ETIMEDOUT ? exits::kTimeout : exits::kRead;
}

// Combines small pieces, so that a small file needs one write.
class Buffer {
 public:
  explicit Buffer(std::string_view head) { put(head); }

  [[nodiscard]] char* room() { return bytes_.data() + used_; }

  [[nodiscard]] std::size_t room_size() const { return bytes_.size() - used_; }

  [[nodiscard]] std::string_view text() const { return {bytes_.data(), used_}; }

  void added(std::size_t count) { used_ += count; }

  void clear() { used_ = 0; }

 private:
  // `head` must be far shorter than the buffer.
  void put(std::string_view head) {
    std::memcpy(bytes_.data(), head.data(), head.size());
    used_ = head.size();
  }

  std::array<char, kBufferSize> bytes_;
  std::size_t used_ = 0;
};

int copy_message(Source& source, Writer& writer, std::string_view head) {
  Buffer buffer(head);
  for (;;) {
    const auto count = source.read(buffer.room(), buffer.room_size());
    if (!count) {
      return read_exit(count.error());
    }
    buffer.added(*count);
    if (*count == 0 || buffer.room_size() == 0) {
      if (const int failed = writer.write_message(buffer.text()); failed != 0) {
        return failed;
      }
      buffer.clear();
    }
    if (*count == 0) {
      return 0;
    }
  }
}

int scan_exit(mail::EnvelopeScanner::State state) {
  switch (state) {
  case mail::EnvelopeScanner::State::malformed:
    return exits::kEnvelopeFormat;
  case mail::EnvelopeScanner::State::address_too_long:
    return exits::kAddressTooLong;
  case mail::EnvelopeScanner::State::incomplete:
  case mail::EnvelopeScanner::State::complete:
    break;
  }
  return 0;
}

int copy_envelope(Source& source, Writer& writer, std::string_view head) {
  Buffer buffer(head);
  mail::EnvelopeScanner scanner;
  for (;;) {
    const auto count = source.read(buffer.room(), buffer.room_size());
    if (!count) {
      return read_exit(count.error());
    }
    if (*count == 0) {
      return exits::kRead;
    }
    const auto step = scanner.feed({buffer.room(), *count});
    if (const int refused = scan_exit(step.state); refused != 0) {
      return refused;
    }
    buffer.added(step.records);
    const bool complete = step.state == mail::EnvelopeScanner::State::complete;
    if (complete || buffer.room_size() == 0) {
      if (const int failed = writer.write_envelope(buffer.text()); failed != 0) {
        return failed;
      }
      buffer.clear();
    }
    if (complete) {
      return 0;
    }
  }
}

}  // namespace

Result<std::size_t> DescriptorSource::read(char* buffer, std::size_t size) {
  for (;;) {
    if (sys::was_interrupted()) {
      return sys::system_failure("timeout", ETIMEDOUT);
    }
    const ssize_t count = ::read(fd_, buffer, size);
    if (count >= 0) {
      return static_cast<std::size_t>(count);
    }
    if (errno != EINTR) {
      return sys::system_failure("unable to read");
    }
  }
}

int accept(Files& files, mail::QueueLayout layout, Source& message, Source& envelope,
           const Submission& submission) {
  Writer writer(files, layout);
  if (const int failed = writer.create(submission.pid, submission.now); failed != 0) {
    return failed;
  }
  const std::string received =
      mail::queue_received(submission.pid, submission.caller, submission.uid, submission.now);
  if (const int failed = copy_message(message, writer, received); failed != 0) {
    return failed;
  }
  if (!submission.dsn.empty()) {
    if (const int failed = writer.write_dsn(submission.dsn); failed != 0) {
      return failed;
    }
  }
  if (const int failed = writer.start_envelope(); failed != 0) {
    return failed;
  }
  const std::string head = mail::todo_head(submission.uid, submission.pid);
  if (const int failed = copy_envelope(envelope, writer, head); failed != 0) {
    return failed;
  }
  if (const int failed = writer.sync_contents(); failed != 0) {
    return failed;
  }
  // If the time is over, qmail-clean may soon remove the files as those of a dead qmail-queue.
  return sys::was_interrupted() ? exits::kTimeout : writer.commit();
}

}  // namespace reqmail::queue
