#include "scheduler/jobs.h"

#include <algorithm>
#include <utility>

namespace reqmail::scheduler {

std::size_t Jobs::add(Job job) {
  job.used = true;
  if (free_.empty()) {
    jobs_.push_back(std::move(job));
    return jobs_.size() - 1;
  }
  const std::size_t number = free_.back();
  free_.pop_back();
  jobs_[number] = std::move(job);
  return number;
}

void Jobs::remove(std::size_t number) {
  jobs_[number] = Job{};
  free_.push_back(number);
}

unsigned Slots::take(Delivery delivery) {
  const auto free = std::find_if(slots_.begin(), slots_.end(),
                                 [](const Delivery& slot) { return !slot.used; });
  delivery.used = true;
  *free = std::move(delivery);
  ++running_;
  return static_cast<unsigned>(free - slots_.begin());
}

void Slots::release(unsigned slot) {
  slots_[slot] = Delivery{};
  --running_;
}

Delivery* Slots::find(unsigned slot) {
  return slot < slots_.size() && slots_[slot].used ? &slots_[slot] : nullptr;
}

std::optional<PassRecord> record_at(const Pass& pass) {
  const std::string_view rest = std::string_view(pass.chunk.records).substr(pass.position);
  const std::size_t end = rest.find('\0');
  if (end == std::string_view::npos) {
    return std::nullopt;
  }
  PassRecord record;
  record.offset = pass.chunk.offset + pass.position;
  record.letter = rest.front();
  record.recipient =
      rest.substr(std::min<std::size_t>(1, end), end - std::min<std::size_t>(1, end));
  return record;
}

void advance(Pass& pass, const PassRecord& record) {
  pass.position += record.recipient.size() + (record.letter == '\0' ? 1 : 2);
}

}  // namespace reqmail::scheduler
