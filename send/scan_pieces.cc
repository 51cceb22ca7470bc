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
// Looking at the clock takes as long as a part of a step.
constexpr std::size_t kStepsPerLook = 8;
// After so many pieces there are two scans. Before that the order of the directories is the
// order in which messages are found that are due in the same second, and the search for
// leftovers has been asked for, which is to be divided too.
constexpr std::size_t kPiecesUndivided = 10;

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
  for (std::size_t steps = 0; steps < kStepsPerPiece; ++steps) {
    if (steps % kStepsPerLook == 0 && sys::monotonic() >= until) {
      return;
    }
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
    : files_(files), layout_(layout) {
  places_.emplace_back().scan = std::make_unique<QueueScan>(files, layout);
}

void ScanPieces::find_messages() {
  places_.front().scan->find_messages();
  places_.front().more = true;
}

void ScanPieces::find_leftovers() {
  Place& first = places_.front();
  if (first.scan == nullptr) {
    leftovers_wanted_ = true;
    return;
  }
  first.scan->find_leftovers();
  first.more = true;
}

void ScanPieces::retry() {
  for (Place& place : places_) {
    place.retry_wanted = true;
    do_what_waited(place);
  }
}

std::optional<ScanPiece> ScanPieces::next(base::Time now) {
  for (std::size_t i = 0; i < places_.size(); ++i) {
    if (places_[i].scan != nullptr && places_[i].more) {
      has_begun_ = true;
      return ScanPiece(std::move(places_[i].scan), i, now);
    }
  }
  return std::nullopt;
}

std::vector<scheduler::Event> ScanPieces::take(ScanPiece piece, base::Time now) {
  Place& place = places_[piece.place_];
  place.scan = std::move(piece.scan_);
  place.more = piece.more_;
  std::erase_if(piece.events_,
                [&](const scheduler::Event& event) { return !holds(event, place, now); });
  if (all_due_) {
    for (scheduler::Event& event : piece.events_) {
      make_due(event, now);
    }
    all_due_ = may_find_messages();
  }
  place.ended.clear();
  do_what_waited(place);
  if (++taken_ == kPiecesUndivided) {
    divide();
  }
  return std::move(piece.events_);
}

bool ScanPieces::holds(const scheduler::Event& event, const Place& place,
                       base::Time now) const {
  const auto id = message_of(event);
  if (!id) {
    return true;
  }
  if (std::holds_alternative<scheduler::LeftoverFound>(event)) {
    return queue::is_leftover(files_, layout_, *id, now);
  }
  return !place.ended.contains(id->number());
}

void ScanPieces::do_what_waited(Place& place) {
  if (place.scan == nullptr) {
    return;
  }
  if (&place == &places_.front() && std::exchange(leftovers_wanted_, false)) {
    find_leftovers();
  }
  if (std::exchange(place.retry_wanted, false)) {
    place.scan->retry();
    place.more = true;
  }
}

// Two threads get through a long queue in about half the time if there are two processors, and
// one of them works while the other one waits for the disk.
void ScanPieces::divide() {
  if (auto other = places_.front().scan->divide()) {
    Place& second = places_.emplace_back();
    second.scan = std::move(other);
    second.more = true;
  }
}

template <class Condition>
bool ScanPieces::under_way_or(Condition condition) const {
  return std::any_of(places_.begin(), places_.end(), [&condition](const Place& place) {
    return place.scan == nullptr || condition(place);
  });
}

bool ScanPieces::under_way() const {
  return under_way_or([](const Place& /*place*/) { return false; });
}

bool ScanPieces::has_ended() {
  return !under_way_or([](const Place& place) { return place.more; }) &&
         std::exchange(has_begun_, false);
}

bool ScanPieces::may_find_messages() const {
  return under_way_or([](const Place& place) { return place.scan->finds_messages(); });
}

bool ScanPieces::may_have_list(mail::MessageId id) const {
  return under_way_or([id](const Place& place) { return place.scan->may_have_list(id); });
}

void ScanPieces::all_due() {
  all_due_ = may_find_messages();
}

void ScanPieces::ended(mail::MessageId id) {
  for (Place& place : places_) {
    if (place.scan == nullptr) {
      place.ended.insert(id.number());
    }
  }
}

}  // namespace reqmail::send
