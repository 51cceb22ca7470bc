#include "spawn/resident_lookup.h"

#include <signal.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "sys/clock.h"
#include "sys/file.h"
#include "sys/packets.h"

namespace reqmail::spawn {

bool ResidentLookup::ask(unsigned slot, std::string_view local_part) {
  if (!program_.is_there() || (!socket_.valid() && !start())) {
    return false;
  }
  const std::uint32_t number = ++last_number_;
  if (!sys::send_packet(socket_.get(), users::lookup_question(number, local_part))) {
    return false;
  }
  questions_[number] = Question{slot, sys::monotonic() + kPatience};
  return true;
}

void ResidentLookup::forget(unsigned slot) {
  std::erase_if(questions_, [slot](const auto& one) { return one.second.slot == slot; });
}

void ResidentLookup::child_ended(pid_t child) {
  if (child_.valid() && child_.pid() == child) {
    (void)child_.release();
  }
}

bool ResidentLookup::start() {
  if (sys::monotonic() < not_before_) {
    return false;
  }
  auto pair = sys::make_packet_pair();
  const auto null_device = sys::open_read_write("/dev/null");
  if (!pair || !null_device) {
    return false;
  }
  sys::ChildSpec spec;
  spec.program = settings_.program;
  spec.arguments = {"bin/qmail-getpw", "", std::string(users::kStay)};
  spec.directory = settings_.home;
  spec.identity = settings_.identity;
  spec.identity_trusted = true;
  spec.descriptors = {{pair->other.get(), 0}, {null_device->get(), 1}, {null_device->get(), 2}};
  auto child = sys::spawn(spec);
  if (!child) {
    return false;
  }
  child_ = *std::move(child);
  socket_ = std::move(pair->one);
  has_answered_ = false;
  return true;
}

void ResidentLookup::watch(sys::Poller& poller) {
  watch_.reset();
  if (socket_.valid()) {
    watch_ = poller.watch_read(socket_.get());
  }
}

std::optional<std::chrono::milliseconds> ResidentLookup::wakes_at() const {
  // The oldest question has the lowest number.
  if (questions_.empty()) {
    return std::nullopt;
  }
  return questions_.begin()->second.until;
}

std::vector<ResidentLookup::Outcome> ResidentLookup::collect(const sys::Poller& poller) {
  std::vector<Outcome> outcomes;
  if (watch_ && poller.ready(*watch_)) {
    take_answers(outcomes);
  }
  if (!questions_.empty() && questions_.begin()->second.until <= sys::monotonic()) {
    give_up(outcomes);
  }
  return outcomes;
}

void ResidentLookup::take_answers(std::vector<Outcome>& outcomes) {
  for (;;) {
    const auto packet = sys::receive_packet(socket_.get(), users::kLookupPacketMax);
    if (!packet && packet.error().error == EAGAIN) {
      return;
    }
    auto answer = packet && *packet ? users::parse_lookup_answer((*packet)->bytes)
                                    : std::optional<users::NumberedAnswer>();
    if (!answer) {
      give_up(outcomes);
      return;
    }
    has_answered_ = true;
    if (const auto question = questions_.find(answer->number); question != questions_.end()) {
      outcomes.push_back({question->second.slot, std::move(answer->answer)});
      questions_.erase(question);
    }
  }
}

// A process that ended while idle may be replaced at once, but one that left questions
// unanswered, or never gave an answer, may not.
void ResidentLookup::give_up(std::vector<Outcome>& outcomes) {
  if (!has_answered_ || !questions_.empty()) {
    not_before_ = sys::monotonic() + kPause;
  }
  for (const auto& [number, question] : questions_) {
    outcomes.push_back({question.slot, std::nullopt});
  }
  questions_.clear();
  watch_.reset();
  socket_.close();
  // This does not wait for the process, which may be blocked in a file system. The engine reaps
  // it.
  child_.send_signal(SIGKILL);
  (void)child_.release();
}

}  // namespace reqmail::spawn
