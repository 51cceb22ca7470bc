#include "scheduler/domain_memory.h"

#include <utility>

namespace reqmail::scheduler {

void DomainMemory::note(std::string_view domain, bool answered, Steady now) {
  if (const auto known = found_.find(domain); known != found_.end()) {
    entries_.splice(entries_.end(), entries_, known->second);
    known->second->answered = answered;
    known->second->at = now;
    known->second->deferred_since = false;
    return;
  }
  if (entries_.size() == kDomainsMax) {
    found_.erase(entries_.front().domain);
    entries_.pop_front();
  }
  const auto added =
      entries_.insert(entries_.end(), {std::string(domain), answered, now, false});
  found_.emplace(added->domain, added);
}

void DomainMemory::note_deferral(std::string_view domain) {
  if (const auto known = found_.find(domain); known != found_.end()) {
    known->second->deferred_since = true;
  }
}

std::optional<bool> DomainMemory::answered(std::string_view domain, Steady now) const {
  const auto known = found_.find(domain);
  if (known == found_.end() || now - known->second->at >= kLately) {
    return std::nullopt;
  }
  return known->second->answered;
}

std::optional<Steady> DomainMemory::last_answer(std::string_view domain) const {
  const auto known = found_.find(domain);
  if (known == found_.end() || !known->second->answered || known->second->deferred_since) {
    return std::nullopt;
  }
  return known->second->at;
}

}  // namespace reqmail::scheduler
