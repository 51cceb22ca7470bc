#include "scheduler/schedule.h"

#include <algorithm>

namespace reqmail::scheduler {

namespace {

std::int64_t step(Channel channel) {
  return channel == Channel::local ? 10 : 20;
}

}  // namespace

Time next_try(Time birth, Time now, Channel channel) {
  birth = std::min(birth, now);
  const std::int64_t root = base::integer_square_root((now - birth).count()) + step(channel);
  return birth + Seconds(root * root);
}

Seconds previous_try(Seconds age, Channel channel) {
  const std::int64_t root = base::integer_square_root(age.count()) - step(channel);
  return Seconds(root > 0 ? root * root : 0);
}

Seconds longest_step(Seconds lifetime, Channel channel) {
  // The step is longest just when the age is a square.
  const std::int64_t root = base::integer_square_root(lifetime.count());
  return Seconds(step(channel) * (2 * root + step(channel)));
}

Time WaitingLine::Entry::due() const {
  return base::from_epoch(static_cast<std::int64_t>(rank >> kOrderBits));
}

std::uint64_t WaitingLine::rank(Time due, std::uint64_t order) {
  constexpr std::int64_t kLatestTime = (std::int64_t{1} << (64U - kOrderBits)) - 1;
  const auto seconds = std::clamp<std::int64_t>(base::to_epoch(due), 0, kLatestTime);
  return (static_cast<std::uint64_t>(seconds) << kOrderBits) + order;
}

// std heaps keep the greatest in front.
bool WaitingLine::later(const Entry& a, const Entry& b) {
  return a.rank > b.rank;
}

// Puts all in their order, which is a heap too, and counts arrivals from there.
void WaitingLine::sort() {
  std::sort(heap_.begin(), heap_.end(),
            [](const Entry& a, const Entry& b) { return later(b, a); });
  arrivals_ = 0;
  for (Entry& entry : heap_) {
    entry.rank = rank(entry.due(), arrivals_++);
  }
}

void WaitingLine::add(MessageId id, Time due) {
  if (arrivals_ >> kOrderBits != 0) {
    sort();
  }
  heap_.push_back(Entry{rank(due, arrivals_++), id.number()});
  std::push_heap(heap_.begin(), heap_.end(), later);
}

std::optional<MessageId> WaitingLine::take_due(Time now) {
  if (heap_.empty() || heap_.front().due() > now) {
    return std::nullopt;
  }
  const MessageId id(heap_.front().id);
  std::pop_heap(heap_.begin(), heap_.end(), later);
  heap_.pop_back();
  return id;
}

std::optional<Time> WaitingLine::first() const {
  if (heap_.empty()) {
    return std::nullopt;
  }
  return heap_.front().due();
}

void WaitingLine::all_due(Time now) {
  sort();
  for (std::uint64_t order = 0; Entry & entry : heap_) {
    entry.rank = rank(now, order++);
  }
}

void WaitingLine::shift_back(Seconds by) {
  sort();
  for (std::uint64_t order = 0; Entry & entry : heap_) {
    entry.rank = rank(entry.due() - by, order++);
  }
}

}  // namespace reqmail::scheduler
