#include "send/bounce_program.h"

#include <array>
#include <cerrno>
#include <cstdint>
#include <string_view>
#include <utility>

#include "mail/verdict_codec.h"
#include "sys/stream.h"

namespace reqmail::send {

namespace {

// A program that reads as fast as it is fed must not occupy the loop.
constexpr int kWritesAtOnce = 16;
constexpr std::size_t kWordsAtOnce = 4096;

}  // namespace

BounceProgram::BounceProgram(submit::QueueProgram program, BounceOrder order)
    : program_(std::move(program)), text_(std::move(order)) {
  feed();
}

// Returns the pipe that is written to next; -1 if nothing is left to write.
int BounceProgram::pipe() const {
  return program_.message.valid() ? program_.message.get() : program_.envelope.get();
}

void BounceProgram::give_up() {
  program_.message.close();
  program_.envelope.close();
  buffer_.clear();
  written_ = 0;
}

void BounceProgram::feed() {
  for (int writes = 0; writes < kWritesAtOnce; ++writes) {
    if (written_ == buffer_.size() && !refill()) {
      return;
    }
    const auto count = sys::write_some(pipe(), std::string_view(buffer_).substr(written_));
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
  if (!program_.envelope.valid()) {
    return false;
  }
  written_ = 0;
  switch (text_.next(buffer_)) {
  case BounceText::Part::message:
    return true;
  case BounceText::Part::envelope:
    program_.message.close();
    return true;
  case BounceText::Part::end:
    // The whole envelope has been written.
    program_.envelope.close();
    whole_ = true;
    return false;
  case BounceText::Part::unreadable:
    give_up();
    break;
  }
  return false;
}

// Reads and discards what the program writes, so that the program need not wait.
void BounceProgram::drain() {
  std::array<char, kWordsAtOnce> words{};
  const auto count = sys::read_some(program_.words.get(), words.data(), words.size());
  if (count ? *count == 0 : count.error().error != EAGAIN) {
    program_.words.close();
  }
}

void BounceProgram::watch(sys::Poller& poller) {
  pipe_watch_.reset();
  words_watch_.reset();
  if (const int fd = pipe(); fd >= 0) {
    pipe_watch_ = poller.watch_write(fd);
  }
  if (const int fd = program_.words.get(); fd >= 0) {
    words_watch_ = poller.watch_read(fd);
  }
}

bool BounceProgram::serve(const sys::Poller& poller) {
  const auto is_ready = [&poller](std::optional<std::size_t>& watch) {
    const auto index = std::exchange(watch, std::nullopt);
    return index && poller.ready(*index);
  };
  const bool pipe_is_ready = is_ready(pipe_watch_);
  const bool words_are_ready = is_ready(words_watch_);
  if (pipe_is_ready) {
    feed();
  }
  if (words_are_ready) {
    drain();
  }
  return pipe_is_ready || words_are_ready;
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
  BounceResult result{text_.id(), false, static_cast<std::uint64_t>(pid), text_.is_notice()};
  result.queued = ended && mail::queue_program_verdict(**ended, whole_, {});
  return result;
}

}  // namespace reqmail::send
