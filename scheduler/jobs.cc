#include "scheduler/jobs.h"

#include <algorithm>
#include <string_view>
#include <tuple>
#include <unordered_map>
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
  if (!pass.order.empty()) {
    ++pass.place;
    pass.position =
        pass.place < pass.order.size() ? pass.order[pass.place] : pass.chunk.records.size();
    return;
  }
  pass.position += record.recipient.size() + (record.letter == '\0' ? 1 : 2);
}

void put_hosts_together(Pass& pass, std::uint64_t most) {
  struct Found {
    std::uint64_t round;
    std::size_t host;
    std::size_t position;
  };

  struct Host {
    std::size_t number;
    std::uint64_t recipients;
  };

  std::vector<Found> found;
  std::unordered_map<std::string_view, Host> hosts;
  Pass walk{pass.job, pass.chunk, 0};
  while (const auto record = record_at(walk)) {
    const auto at = record->recipient.rfind('@');
    const std::string_view name =
        record->recipient.substr(std::min(at, record->recipient.size()));
    Host& host = hosts.try_emplace(name, Host{hosts.size(), 0}).first->second;
    found.push_back({host.recipients / most, host.number, walk.position});
    // What is done needs no place beside the others.
    if (record->letter == 'T') {
      ++host.recipients;
    }
    advance(walk, *record);
  }
  if (unfinished(walk) || hosts.size() < 2) {
    return;
  }
  std::sort(found.begin(), found.end(), [](const Found& one, const Found& other) {
    return std::tie(one.round, one.host, one.position) <
           std::tie(other.round, other.host, other.position);
  });
  for (const Found& one : found) {
    pass.order.push_back(one.position);
  }
  pass.position = pass.order.front();
}

}  // namespace reqmail::scheduler
