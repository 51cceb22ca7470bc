#include "queue/accept.h"

#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string_view>
#include <utility>

#include "mail/received.h"
#include "mail/verdict_codec.h"
#include "sys/error.h"
#include "sys/signals.h"

namespace reqmail::queue {

namespace {

namespace exits = mail::queue_exit;

int read_exit(const Failure& failure) {
  return failure.error == ETIMEDOUT ? exits::kTimeout : exits::kRead;
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

int read_message(Source& source, Acceptance& acceptance) {
  for (;;) {
    const auto count = source.read(acceptance.room(), acceptance.room_size());
    if (!count) {
      return read_exit(count.error());
    }
    if (*count == 0) {
      return acceptance.end_message();
    }
    if (const int failed = acceptance.take_message(*count); failed != 0) {
      return failed;
    }
  }
}

int read_envelope(Source& source, Acceptance& acceptance) {
  while (!acceptance.is_complete()) {
    const auto count = source.read(acceptance.room(), acceptance.room_size());
    if (!count) {
      return read_exit(count.error());
    }
    if (*count == 0) {
      return exits::kRead;
    }
    if (const int failed = acceptance.take_envelope(*count); failed != 0) {
      return failed;
    }
  }
  return 0;
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

Acceptance::Acceptance(Files& files, mail::QueueLayout layout, Submission submission)
    : submission_(std::move(submission)), writer_(files, layout) {}

int Acceptance::begin() {
  put(mail::queue_received(submission_.pid, submission_.caller, submission_.uid,
                           submission_.now));
  return writer_.create(submission_.pid, submission_.now);
}

// `head` must be far shorter than the buffer, which must be empty.
void Acceptance::put(std::string_view head) {
  std::memcpy(buffer_.data(), head.data(), head.size());
  used_ = head.size();
}

int Acceptance::flush() {
  const std::string_view text(buffer_.data(), used_);
  used_ = 0;
  return in_envelope_ ? writer_.write_envelope(text) : writer_.write_message(text);
}

int Acceptance::make_room(std::size_t size) {
  return room_size() < size ? flush() : 0;
}

int Acceptance::take_message(std::size_t count) {
  used_ += count;
  return make_room(1);
}

int Acceptance::end_message() {
  if (const int failed = flush(); failed != 0) {
    return failed;
  }
  if (!submission_.dsn.empty()) {
    if (const int failed = writer_.write_dsn(submission_.dsn); failed != 0) {
      return failed;
    }
  }
  if (const int failed = writer_.start_envelope(); failed != 0) {
    return failed;
  }
  in_envelope_ = true;
  put(mail::todo_head(submission_.uid, submission_.pid));
  return 0;
}

int Acceptance::take_envelope(std::size_t count) {
  const auto step = scanner_.feed({room(), count});
  if (const int refused = scan_exit(step.state); refused != 0) {
    return refused;
  }
  used_ += step.records;
  complete_ = step.state == mail::EnvelopeScanner::State::complete;
  return complete_ ? flush() : make_room(1);
}

int accept(Files& files, mail::QueueLayout layout, Source& message, Source& envelope,
           const Submission& submission) {
  Acceptance acceptance(files, layout, submission);
  if (const int failed = acceptance.begin(); failed != 0) {
    return failed;
  }
  if (const int failed = read_message(message, acceptance); failed != 0) {
    return failed;
  }
  if (const int failed = read_envelope(envelope, acceptance); failed != 0) {
    return failed;
  }
  if (const int failed = acceptance.writer().sync_contents(); failed != 0) {
    return failed;
  }
  // If the time is over, qmail-clean may soon remove the files as those of a dead qmail-queue.
  return sys::was_interrupted() ? exits::kTimeout : acceptance.writer().commit();
}

}  // namespace reqmail::queue
