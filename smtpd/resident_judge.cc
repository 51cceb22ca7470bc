#include "smtpd/resident_judge.h"

#include <unistd.h>

#include <utility>

#include "judge/connection_source.h"
#include "judge/resident.h"
#include "sys/clock.h"
#include "sys/packets.h"
#include "sys/process.h"

namespace reqmail::smtpd {

ResidentJudge::ResidentJudge(std::string program, std::string mark)
    : path_(program), program_(std::move(program), std::move(mark)) {}

std::optional<int> ResidentJudge::socket() {
  if (child_.valid() && (!program_.is_there() || program_.version() != started_)) {
    let_go();
  }
  if (!ends_.one.valid()) {
    auto pair = sys::make_packet_pair();
    if (!pair) {
      return std::nullopt;
    }
    ends_ = *std::move(pair);
  }
  return ends_.one.get();
}

std::optional<int> ResidentJudge::unattended() const {
  return ends_.other.valid() && !child_.valid() ? std::optional(ends_.other.get())
                                                : std::nullopt;
}

void ResidentJudge::attend() {
  const auto now = sys::monotonic();
  if (now < not_before_ || !program_.is_there() || !start()) {
    drop_requests();
  }
}

bool ResidentJudge::start() {
  started_ = program_.version();
  started_at_ = sys::monotonic();
  sys::ChildSpec spec;
  spec.program = path_;
  spec.arguments = {"qmail-mailauth", std::string(judge::kJudgeStays)};
  spec.descriptors = {{ends_.other.get(), STDIN_FILENO}, {STDERR_FILENO, STDOUT_FILENO}};
  auto child = sys::spawn(spec);
  if (!child) {
    return false;
  }
  child_ = *std::move(child);
  return true;
}

// The connection of a request that is dropped is closed.
void ResidentJudge::drop_requests() {
  bool more = true;
  while (more) {
    const auto packet = sys::receive_packet(ends_.other.get(), judge::kRequestMax);
    more = packet && *packet;
  }
}

void ResidentJudge::let_go() {
  (void)child_.release();
  ends_ = {};
}

void ResidentJudge::child_ended(const sys::Ended& ended) {
  if (child_.pid() != ended.pid) {
    return;
  }
  (void)child_.release();
  // One that was idle has left no request that it has seen.
  if (ended.wait_status != 0) {
    not_before_ = started_at_ + kPause;
    drop_requests();
  }
}

}  // namespace reqmail::smtpd
