#include "net/dns_resolver.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "net/dns_exchange.h"
#include "sys/clock.h"

namespace reqmail::net {

namespace {

// A mail session needs fewer answers than this; beyond it the oldest is forgotten.
constexpr std::size_t kMemoryMax = 512;

}  // namespace

struct DnsResolver::Lookup {
  Lookup(const DnsServers& servers, const DnsName& asked_name, DnsType type,
         std::chrono::milliseconds now)
      : asked(asked_name),
        follow(asked_name, type),
        exchange(std::make_unique<DnsExchange>(servers, asked_name, type, now)) {}

  DnsName asked;
  DnsFollow follow;
  std::unique_ptr<DnsExchange> exchange;
};

DnsResolver::DnsResolver(DnsServers servers) : servers_(std::move(servers)) {}

DnsResolver::~DnsResolver() = default;

void DnsResolver::ask(const DnsName& name, DnsType type) {
  const auto same = [&](const auto& one_name, DnsType one_type) {
    return one_type == type && one_name == name;
  };
  const auto known =
      std::find_if(memory_.begin(), memory_.end(),
                   [&](const DnsFinding& finding) { return same(finding.name, finding.type); });
  if (known != memory_.end()) {
    ready_.push_back(*known);
    return;
  }
  const bool asked = std::any_of(under_way_.begin(), under_way_.end(), [&](const auto& lookup) {
    return same(lookup->asked, lookup->follow.type());
  });
  if (!asked) {
    under_way_.push_back(std::make_unique<Lookup>(servers_, name, type, sys::monotonic()));
  }
}

std::vector<DnsFinding> DnsResolver::wait(std::chrono::milliseconds end) {
  while (ready_.empty() && !under_way_.empty()) {
    const auto now = sys::monotonic();
    if (now >= end) {
      break;
    }
    auto due = end;
    poller_.clear();
    for (const auto& lookup : under_way_) {
      lookup->exchange->watch(poller_);
      due = std::min(due, lookup->exchange->due());
    }
    // If poll(2) fails, for lack of memory, the wait ends early.
    if (!poller_.wait(std::max(due - now, std::chrono::milliseconds(0)))) {
      break;
    }
    proceed();
  }
  std::vector<DnsFinding> found(std::make_move_iterator(ready_.begin()),
                                std::make_move_iterator(ready_.end()));
  ready_.clear();
  return found;
}

void DnsResolver::forget_questions() {
  under_way_.clear();
  ready_.clear();
}

void DnsResolver::proceed() {
  for (const auto& lookup : under_way_) {
    step(*lookup);
  }
  std::erase_if(under_way_, [](const auto& lookup) { return lookup->exchange == nullptr; });
}

void DnsResolver::step(Lookup& lookup) {
  const auto now = sys::monotonic();
  lookup.exchange->proceed(poller_, now);
  if (!lookup.exchange->over()) {
    return;
  }
  if (!lookup.follow.take(lookup.exchange->answer())) {
    lookup.exchange = std::make_unique<DnsExchange>(servers_, lookup.follow.name(),
                                                    lookup.follow.type(), now);
    return;
  }
  lookup.exchange = nullptr;
  DnsFinding finding{lookup.asked, lookup.follow.type(), lookup.follow.status(),
                     std::move(lookup.follow.records()), lookup.follow.authenticated()};
  if (finding.status != LookupStatus::temporary) {
    if (memory_.size() >= kMemoryMax) {
      memory_.erase(memory_.begin());
    }
    memory_.push_back(finding);
  }
  ready_.push_back(std::move(finding));
}

}  // namespace reqmail::net
