#include "scheduler/domain_limits.h"

#include <algorithm>
#include <utility>

#include "base/ascii.h"
#include "mail/address.h"

namespace reqmail::scheduler {

std::string recipient_domain(std::string_view recipient) {
  return base::lower(mail::split_address(recipient).domain);
}

void DomainLimits::set(DomainRules rules) {
  rules_ = std::move(rules);
  for (auto& [name, domain] : domains_) {
    domain.limit = rules_.limit_of(name);
    if (!domain.limit.rate) {
      domain.starts.clear();
    }
    look_at(name, domain);
  }
}

DomainLimits::Domain& DomainLimits::domain_of(std::string_view name) {
  const auto [found, is_new] = domains_.try_emplace(std::string(name));
  if (is_new) {
    found->second.limit = rules_.limit_of(name);
    // It was forgotten when nothing was under way to it, maybe a moment ago.
    found->second.answered = memory_.last_answer(name);
  }
  return found->second;
}

void DomainLimits::set_places(std::size_t places, std::size_t taken) {
  all_places_ = places;
  taken_places_ = taken;
  if (stopped_.empty() || at_reserve()) {
    return;
  }
  stopped_newcomers_.clear();
  for (const std::string& name : std::exchange(stopped_, {})) {
    if (const auto found = domains_.find(name); found != domains_.end()) {
      look_at(name, found->second);
    }
  }
}

// Returns whether the next place is one of the reserve.
bool DomainLimits::at_reserve() const {
  const std::size_t reserve = rules_.reserve_of(all_places_);
  return reserve > 0 && taken_places_ + reserve >= all_places_;
}

DomainLimits::Standing DomainLimits::standing(const std::string& name, const Domain& domain,
                                              Steady now) const {
  if (domain.answered && now - *domain.answered < kAnswers) {
    return Standing::may;
  }
  if (domain.running > 0) {
    return Standing::may_not;
  }
  const auto answered = memory_.answered(name, now);
  if (!answered) {
    return Standing::unknown;
  }
  return *answered ? Standing::may : Standing::may_not;
}

bool DomainLimits::may_use_reserve(const std::string& name, Domain& domain, Steady now) {
  const Standing found = standing(name, domain, now);
  if (found != Standing::unknown) {
    return found == Standing::may;
  }
  if (!domain.asked) {
    domain.asked = now;
  }
  const bool may = newcomers_.may_start(rules_.reserve_of(all_places_), *domain.asked, now);
  if (!may) {
    stopped_newcomers_.insert(name);
  }
  return may;
}

bool DomainLimits::has_room(const std::string& name, Domain& domain, Steady now) {
  if (!has_room_of_its_own(domain, now)) {
    return false;
  }
  const bool stopped = at_reserve() && !may_use_reserve(name, domain, now);
  if (stopped) {
    stopped_.insert(name);
  }
  return !stopped;
}

bool DomainLimits::has_room_of_its_own(Domain& domain, Steady now) {
  if (domain.limit.at_a_time && domain.running >= *domain.limit.at_a_time) {
    return false;
  }
  if (!domain.limit.rate) {
    return true;
  }
  while (!domain.starts.empty() && domain.starts.front() + domain.limit.rate->within <= now) {
    domain.starts.pop_front();
  }
  return domain.starts.size() < domain.limit.rate->starts;
}

bool DomainLimits::may_start(std::string_view recipient, mail::MessageId id, Steady now) {
  const std::string name = recipient_domain(recipient);
  Domain& domain = domain_of(name);
  const bool its_turn = domain.called ? *domain.called == id.number() : domain.waiting.empty();
  const bool may = its_turn && has_room(name, domain, now);
  forget_if_idle(name);
  return may;
}

void DomainLimits::started(std::string_view recipient, mail::MessageId id, Steady now) {
  const std::string name = recipient_domain(recipient);
  Domain& domain = domain_of(name);
  if (at_reserve() && standing(name, domain, now) == Standing::unknown) {
    domain.newcomer = now;
    newcomers_.started(now);
  }
  ++domain.running;
  domain.last_start = now;
  domain.asked.reset();
  if (domain.limit.rate) {
    domain.starts.push_back(now);
    if (!std::exchange(domain.timed, true)) {
      timers_.add(domain.starts.front() + domain.limit.rate->within, name);
    }
  }
  if (domain.called == id.number()) {
    domain.called.reset();
    look_at(name, domain);
  }
}

void DomainLimits::ended(std::string_view recipient, bool answered, Steady now) {
  const std::string name = recipient_domain(recipient);
  const auto found = domains_.find(name);
  if (found == domains_.end() || found->second.running == 0) {
    // It started before there were limits.
    return;
  }
  --found->second.running;
  found->second.answered = answered ? std::optional(now) : std::nullopt;
  note_end(name, found->second, answered, now);
  look_at(name, found->second);
  forget_if_idle(name);
}

void DomainLimits::note_end(const std::string& name, Domain& domain, bool answered,
                            Steady now) {
  if (rules_.reserve_of(all_places_) > 0 && (answered || now - domain.last_start >= kHangs)) {
    memory_.note(name, answered, now);
  } else if (!answered) {
    memory_.note_deferral(name);
  }
  if (domain.newcomer) {
    newcomers_.ended(*domain.newcomer, answered, now);
    domain.newcomer.reset();
    look_at_next_newcomer();
  }
}

void DomainLimits::look_at_next_newcomer() {
  while (!stopped_newcomers_.empty()) {
    const std::string next = *stopped_newcomers_.begin();
    stopped_newcomers_.erase(stopped_newcomers_.begin());
    if (const auto found = domains_.find(next); found != domains_.end()) {
      look_at(next, found->second);
      return;
    }
  }
}

// Returns whether the message waits for the domain already, and notes down that it does.
bool DomainLimits::waits_in(const Domain& domain, mail::MessageId id, bool in_several) {
  const auto known = places_.find(id.number());
  if (known == places_.end()) {
    if (in_several) {
      places_[id.number()].push_back(&domain);
    }
    return false;
  }
  std::vector<const Domain*>& places = known->second;
  if (std::find(places.begin(), places.end(), &domain) != places.end()) {
    return true;
  }
  places.push_back(&domain);
  return false;
}

void DomainLimits::waits_no_more(const Domain& domain, std::uint64_t id) {
  if (const auto known = places_.find(id); known != places_.end()) {
    std::erase(known->second, &domain);
    if (known->second.empty()) {
      places_.erase(known);
    }
  }
}

void DomainLimits::park(const std::set<std::string>& domains, mail::MessageId id) {
  for (const std::string& name : domains) {
    Domain& domain = domain_of(name);
    if (!waits_in(domain, id, domains.size() > 1)) {
      domain.waiting.push_back(id.number());
    }
    // What it waits for may have happened while its other recipients were under way.
    look_at(name, domain);
  }
}

void DomainLimits::gone_through(mail::MessageId id) {
  const auto [first, last] = callers_.equal_range(id.number());
  std::vector<std::string> names;
  for (auto caller = first; caller != last; ++caller) {
    names.push_back(std::move(caller->second));
  }
  callers_.erase(first, last);
  for (const std::string& name : names) {
    const auto found = domains_.find(name);
    if (found == domains_.end()) {
      continue;
    }
    if (found->second.called == id.number()) {
      found->second.called.reset();
    }
    look_at(name, found->second);
    forget_if_idle(name);
  }
}

void DomainLimits::look_at(const std::string& name, Domain& domain) {
  if (!domain.waiting.empty() && !domain.called && !std::exchange(domain.in_line, true)) {
    line_.push_back(name);
  }
}

// A domain of which nothing is known needs no memory. References to it are not valid after
// this.
void DomainLimits::forget_if_idle(const std::string& name) {
  const auto found = domains_.find(name);
  if (found == domains_.end()) {
    return;
  }
  const Domain& domain = found->second;
  if (domain.running == 0 && domain.starts.empty() && domain.waiting.empty() &&
      !domain.called && !domain.in_line && !domain.timed) {
    domains_.erase(found);
  }
}

void DomainLimits::take_timers(Steady now) {
  while (const auto name = timers_.take_due(now)) {
    Domain& domain = domain_of(*name);
    domain.timed = false;
    (void)has_room_of_its_own(domain, now);
    if (!domain.starts.empty()) {
      domain.timed = true;
      timers_.add(domain.starts.front() + domain.limit.rate->within, *name);
    }
    look_at(*name, domain);
    forget_if_idle(*name);
  }
}

std::optional<mail::MessageId> DomainLimits::take_called(Steady now) {
  take_timers(now);
  while (!line_.empty()) {
    const std::string name = std::move(line_.front());
    line_.pop_front();
    Domain& domain = domain_of(name);
    domain.in_line = false;
    if (domain.waiting.empty() || domain.called || !has_room(name, domain, now)) {
      forget_if_idle(name);
      continue;
    }
    const std::uint64_t id = domain.waiting.front();
    domain.waiting.pop_front();
    waits_no_more(domain, id);
    domain.called = id;
    const bool is_called_already = callers_.contains(id);
    callers_.emplace(id, name);
    if (!is_called_already) {
      return mail::MessageId(id);
    }
  }
  return std::nullopt;
}

std::optional<Steady> DomainLimits::first() const {
  return timers_.first();
}

}  // namespace reqmail::scheduler
