#include "scheduler/schedule.h"

#include <algorithm>
#include <tuple>

namespace reqmail::scheduler {

namespace {

std::int64_t step(Channel channel) {
  return channel == Channel::local ? 10 : 20;
}

// std heaps keep the greatest in front.
bool later(const WaitingLine::Entry& a, const WaitingLine::Entry& b) {
  return std::tie(a.due, a.order) > std::tie(b.due, b.order);
}

}  // namespace

Time next_try(Time birth, Time now, Channel channel) {
  birth = std::min(birth, now);
  const std::int64_t root = base::integer_square_root((now - birth).count()) + step(channel);
  return birth + Seconds(root * root);
}

Seconds longest_step(Seconds lifetime, Channel channel) {
  // The step is longest just when the age is a square.
  const std::int64_t root = base::integer_square_root(lifetime.count());
  return Seconds(step(channel) * (2 * root + step(channel)));
}

void WaitingLine::add(MessageId id, Time due) {
  heap_.push_back(Entry{due, arrivals_++, id.number()});
  std::push_heap(heap_.begin(), heap_.end(), later);
}

std::optional<MessageId> WaitingLine::take_due(Time now) {
  if (heap_.empty() || heap_.front().due > now) {
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
  return heap_.front().due;
}

void WaitingLine::all_due(Time now) {
  std::sort(heap_.begin(), heap_.end(),
            [](const Entry& a, const Entry& b) { return later(b, a); });
  arrivals_ = 0;
  for (Entry& entry : heap_) {
    entry.due = now;
    entry.order = arrivals_++;
  }
}

void WaitingLine::shift_back(Seconds by) {
  for (Entry& entry : heap_) {
    entry.due -= by;
  }
}

}  // namespace reqmail::scheduler
