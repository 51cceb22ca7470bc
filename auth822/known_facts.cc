#include "auth822/known_facts.h"

#include <algorithm>
#include <utility>

namespace reqmail::auth822 {

const DnsFacts* KnownFacts::look(RecordType type, std::string_view name) const {
  if (!is_domain(name)) {
    return &nothing_;
  }
  const auto known = known_.find(question(type, name));
  return known == known_.end() ? nullptr : &known->second;
}

const DnsFacts* KnownFacts::find(RecordType type, std::string_view name) {
  const DnsFacts* const known = look(type, name);
  if (known != nullptr) {
    return known;
  }
  DnsQuestion wanted = question(type, name);
  if (std::find(wants_.begin(), wants_.end(), wanted) == wants_.end()) {
    wants_.push_back(std::move(wanted));
  }
  return nullptr;
}

bool KnownFacts::answer(const DnsQuestion& question, DnsFacts facts) {
  known_.insert_or_assign(question, std::move(facts));
  return std::erase(wants_, question) > 0;
}

}  // namespace reqmail::auth822
