#include "submit/program_talk.h"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstddef>
#include <utility>

#include "base/program_end.h"
#include "mail/verdict_codec.h"
#include "sys/poller.h"
#include "sys/stream.h"

namespace reqmail::submit {

namespace {

// The size of the first letter and the text.
constexpr std::size_t kWordsMax = mail::kCustomTextMax + 1;
constexpr std::size_t kTakenAtOnce = 4096;
// How often the end of the program is checked while its pipe is held open.
constexpr std::chrono::milliseconds kLook{100};

}  // namespace

ProgramTalk::ProgramTalk(sys::Fd words) : pipe_(std::move(words)) {
  sys::set_nonblocking(pipe_.get());
}

// Reads as many bytes as have come, up to one buffer.
void ProgramTalk::take_words() {
  char buffer[kTakenAtOnce];
  const auto count = sys::read_some(pipe_.get(), buffer, sizeof buffer);
  if (!count && count.error().error == EAGAIN) {
    return;
  }
  if (!count || *count == 0) {
    pipe_.close();
    return;
  }
  words_.append(buffer, std::min(*count, kWordsMax - words_.size()));
}

Result<void> ProgramTalk::write(int fd, std::string_view bytes) {
  sys::Poller poller;
  while (!bytes.empty()) {
    const auto count = sys::write_some(fd, bytes);
    if (count) {
      bytes.remove_prefix(*count);
      continue;
    }
    if (count.error().error != EAGAIN) {
      return count.error();
    }
    poller.clear();
    poller.watch_write(fd);
    const bool listening = pipe_.valid();
    const std::size_t words = listening ? poller.watch_read(pipe_.get()) : 0;
    if (auto waited = poller.wait(); !waited) {
      return waited;
    }
    if (listening && poller.ready(words)) {
      take_words();
    }
  }
  return {};
}

Result<base::ProgramEnd> ProgramTalk::wait_for(sys::Child& program) {
  sys::Poller poller;
  while (pipe_.valid()) {
    poller.clear();
    const std::size_t words = poller.watch_read(pipe_.get());
    if (auto waited = poller.wait(kLook); !waited) {
      return waited.error();
    }
    if (poller.ready(words)) {
      take_words();
    }
    // This is checked even if there is output, since a process that the program has left behind
    // may write for ever.
    auto ended = program.look();
    if (!ended) {
      return ended.error();
    }
    if (*ended) {
      // The last output may have come since the last look.
      take_words();
      return **ended;
    }
  }
  return program.wait();
}

}  // namespace reqmail::submit
