#include "send/scan_pieces.h"

#include <algorithm>
#include <chrono>
#include <utility>
#include <variant>

#include "queue/janitor.h"
#include "sys/clock.h"

namespace reqmail::send {

namespace {

// A piece is worth the two thread switches that it costs, and is over soon: qmail-send waits
// for it when it ends, and ten thousand events at once would keep mail waiting.
constexpr std::size_t kStepsPerPiece = 256;
constexpr std::chrono::milliseconds kTimePerPiece{10};

// The message that an event is about.
std::optional<mail::MessageId> message_of(const scheduler::Event& event) {
  return std::visit(
      [](const auto& what) -> std::optional<mail::MessageId> {
        if constexpr (requires { what.id; }) {
          return what.id;
        } else {
          return std::nullopt;
        }
      },
      event);
}

void make_due(scheduler::Event& event, base::Time now) {
  if (auto* found = std::get_if<scheduler::MessageFound>(&event)) {
    for (std::optional<base::Time>& next_try : found->next_try.of) {
      if (next_try) {
        next_try = std::min(*next_try, now);
      }
    }
  }
}

}  // namespace

void ScanPiece::work() {
  const auto until = sys::monotonic() + kTimePerPiece;
  for (std::size_t steps = 0; steps < kStepsPerPiece && sys::monotonic() < until; ++steps) {
    QueueScan::Step step = scan_->step(now_);
    if (!step.any) {
      more_ = false;
      return;
    }
    if (step.event) {
      events_.push_back(std::move(*step.event));
    }
  }
}

ScanPieces::ScanPieces(queue::Files& files, mail::QueueLayout layout)
    : files_(files), layout_(layout), scan_(std::make_unique<QueueScan>(files, layout)) {}

void ScanPieces::find_messages() {
  scan_->find_messages();
  more_ = true;
}

void ScanPieces::find_leftovers() {
  if (under_way()) {
    leftovers_wanted_ = true;
    return;
  }
  scan_->find_leftovers();
  more_ = true;
}

void ScanPieces::retry() {
  if (under_way()) {
    retry_wanted_ = true;
    return;
  }
  scan_->retry();
  more_ = true;
}

std::optional<ScanPiece> ScanPieces::next(base::Time now) {
  if (under_way() || !more_) {
    return std::nullopt;
  }
  return ScanPiece(std::move(scan_), now);
}

std::vector<scheduler::Event> ScanPieces::take(ScanPiece piece, base::Time now) {
  scan_ = std::move(piece.scan_);
  more_ = piece.more_;
  std::erase_if(piece.events_,
                [&](const scheduler::Event& event) { return !holds(event, now); });
  if (all_due_) {
    for (scheduler::Event& event : piece.events_) {
      make_due(event, now);
    }
    all_due_ = scan_->finds_messages();
  }
  ended_.clear();
  do_what_waited();
  return std::move(piece.events_);
}

bool ScanPieces::holds(const scheduler::Event& event, base::Time now) {
  const auto id = message_of(event);
  if (!id) {
    return true;
  }
  if (std::holds_alternative<scheduler::LeftoverFound>(event)) {
    return queue::is_leftover(files_, layout_, *id, now);
  }
  return !ended_.contains(id->number());
}

void ScanPieces::do_what_waited() {
  if (std::exchange(leftovers_wanted_, false)) {
    find_leftovers();
  }
  if (std::exchange(retry_wanted_, false)) {
    retry();
  }
}

void ScanPieces::all_due() {
  all_due_ = under_way() || scan_->finds_messages();
}

void ScanPieces::ended(mail::MessageId id) {
  if (under_way()) {
    ended_.insert(id.number());
  }
}

}  // namespace reqmail::send
