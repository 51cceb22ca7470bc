#include "send/bounce_programs.h"

#include <signal.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <string_view>
#include <utility>

#include "base/text.h"
#include "mail/envelope.h"
#include "mail/verdict_codec.h"
#include "sys/clock.h"
#include "sys/stream.h"

namespace reqmail::send {

namespace {

// This is what a pipe accepts at once, so a short bounce needs one write(2).
constexpr std::size_t kBuffer = std::size_t{64} << 10;

// A program that reads as fast as it is fed must not occupy the loop.
constexpr int kWritesAtOnce = 16;

constexpr std::size_t kWordsAtOnce = 4096;

}  // namespace

BounceProgram::BounceProgram(submit::QueueProgram program, BounceOrder order)
    : program_(std::move(program)),
      order_(std::move(order)),
      failures_(order_.mail.originals),
      excerpt_(order_.mail.excerpt) {}

int BounceProgram::fd() const {
  return program_.message.valid() ? program_.message.get() : program_.envelope.get();
}

void BounceProgram::give_up() {
  program_.message.close();
  program_.envelope.close();
  part_ = Part::end;
}

void BounceProgram::feed() {
  for (int writes = 0; writes < kWritesAtOnce; ++writes) {
    if (written_ == buffer_.size() && !refill()) {
      return;
    }
    const auto count = sys::write_some(fd(), std::string_view(buffer_).substr(written_));
    if (!count) {
      if (count.error().error != EAGAIN) {
        give_up();
      }
      return;
    }
    written_ += *count;
  }
}

bool BounceProgram::refill() {
  buffer_.clear();
  written_ = 0;
  if (!program_.envelope.valid()) {
    return false;
  }
  if (part_ == Part::end) {
    // The whole envelope has been written.
    program_.envelope.close();
    whole_ = true;
    return false;
  }
  while (part_ != Part::envelope && part_ != Part::end && buffer_.size() < kBuffer) {
    take_part();
  }
  if (buffer_.empty() && part_ == Part::envelope) {
    program_.message.close();
    mail::append_record(buffer_, 'F', order_.mail.envelope_sender);
    mail::append_record(buffer_, 'T', order_.mail.envelope_recipient);
    buffer_.append(mail::kNul);
    part_ = Part::end;
  }
  return !buffer_.empty();
}

void BounceProgram::take_part() {
  switch (part_) {
  case Part::head:
    buffer_.append(order_.mail.head);
    part_ = order_.paragraphs ? Part::paragraphs : Part::status;
    break;
  case Part::paragraphs:
    take_from(*order_.paragraphs, Part::status);
    break;
  case Part::status:
    buffer_.append(order_.mail.status);
    part_ = order_.failures ? Part::failures : Part::tail;
    break;
  case Part::failures:
    take_failures();
    break;
  case Part::tail:
    buffer_.append(order_.mail.tail);
    part_ = Part::message;
    break;
  case Part::message:
    take_message();
    break;
  case Part::closing:
    buffer_.append(order_.mail.end);
    part_ = Part::envelope;
    break;
  case Part::envelope:
  case Part::end:
    break;
  }
}

// Reads the next piece into piece_. Returns its length, or nullopt if the file cannot be read:
// then nothing is queued.
std::optional<std::size_t> BounceProgram::read_piece(queue::File& file) {
  piece_.resize(kBuffer);
  const auto count = file.read(piece_.data(), piece_.size());
  if (!count) {
    buffer_.clear();
    give_up();
    return std::nullopt;
  }
  piece_.resize(*count);
  return *count;
}

void BounceProgram::take_from(queue::File& file, Part next) {
  const auto count = read_piece(file);
  if (count == 0U) {
    part_ = next;
  } else if (count) {
    buffer_.append(piece_);
  }
}

void BounceProgram::take_failures() {
  const auto count = read_piece(*order_.failures);
  if (count == 0U) {
    buffer_.append(failures_.finish());
    part_ = Part::tail;
  } else if (count) {
    buffer_.append(failures_.take(piece_));
  }
}

void BounceProgram::take_message() {
  const auto count = read_piece(*order_.message);
  if (!count) {
    return;
  }
  buffer_.append(excerpt_.take(piece_));
  if (*count == 0 || excerpt_.is_full()) {
    buffer_.append(excerpt_.finish());
    part_ = Part::closing;
  }
}

void BounceProgram::drain() {
  std::array<char, kWordsAtOnce> words{};
  const auto count = sys::read_some(program_.words.get(), words.data(), words.size());
  if (count ? *count == 0 : count.error().error != EAGAIN) {
    program_.words.close();
  }
}

void BounceProgram::stop(int signal) {
  give_up();
  program_.child.send_signal(signal);
}

std::optional<BounceResult> BounceProgram::look() {
  const pid_t pid = program_.child.pid();
  const auto ended = program_.child.look();
  if (ended && !*ended) {
    return std::nullopt;
  }
  BounceResult result{order_.id, false, static_cast<std::uint64_t>(pid), !order_.paragraphs};
  result.queued = ended && mail::queue_program_verdict(**ended, whole_, {});
  return result;
}

BouncePrograms::BouncePrograms()
    : BouncePrograms(Limits(), [] { return submit::start_queue_program(); }) {}

bool BouncePrograms::begin(BounceOrder order) {
  auto program = start_();
  if (!program) {
    return false;
  }
  running_.emplace_back(std::move(*program), std::move(order),
                        sys::monotonic() + (ending_ ? limits_.at_end : limits_.usual));
  running_.back().program.feed();
  return true;
}

std::vector<BounceResult> BouncePrograms::take_done() {
  return std::exchange(done_, {});
}

void BouncePrograms::hurry() {
  ending_ = true;
  const Clock limit = sys::monotonic() + limits_.at_end;
  for (Running& running : running_) {
    running.limit = std::min(running.limit, limit);
  }
}

void BouncePrograms::watch(sys::Poller& poller) {
  for (Running& running : running_) {
    running.pipe.reset();
    running.words.reset();
    if (const int fd = running.program.fd(); fd >= 0) {
      running.pipe = poller.watch_write(fd);
    }
    if (const int fd = running.program.words_fd(); fd >= 0) {
      running.words = poller.watch_read(fd);
    }
  }
}

bool BouncePrograms::serve(const sys::Poller& poller) {
  bool any = false;
  for (Running& running : running_) {
    if (running.pipe && poller.ready(*running.pipe)) {
      any = true;
      running.program.feed();
    }
    if (running.words && poller.ready(*running.words)) {
      any = true;
      running.program.drain();
    }
    // Programs that are started before the next watch() are not in the poller.
    running.pipe.reset();
    running.words.reset();
  }
  return any;
}

void BouncePrograms::reap() {
  for (auto running = running_.begin(); running != running_.end();) {
    if (const auto result = running->program.look()) {
      done_.push_back(*result);
      running = running_.erase(running);
    } else {
      ++running;
    }
  }
}

void BouncePrograms::enforce_limits(Clock now) {
  for (Running& running : running_) {
    if (running.limit <= now) {
      running.program.stop(std::exchange(running.stopped, true) ? SIGKILL : SIGTERM);
      running.limit = now + limits_.to_end;
    }
  }
}

std::optional<BouncePrograms::Clock> BouncePrograms::wait_limit(Clock now) const {
  std::optional<Clock> limit;
  for (const Running& running : running_) {
    const Clock left = std::max(running.limit - now, Clock(0));
    limit = limit ? std::min(*limit, left) : left;
  }
  return limit;
}

}  // namespace reqmail::send
