#include "scheduler/new_mail_gate.h"

namespace reqmail::scheduler {

bool NewMailGate::waits(mail::MessageId id, std::optional<std::uint64_t> uid, Steady now) {
  if (!own_uid_ || uid != own_uid_) {
    return false;
  }
  const auto own = own_.try_emplace(id.number(), Waiting{now + kMost}).first;
  if (any_bounce_running() && now < own->second.until) {
    own->second.given_out = false;
    return true;
  }
  own_.erase(own);
  return false;
}

std::vector<mail::MessageId> NewMailGate::take_ready(Steady now) {
  std::vector<mail::MessageId> ready;
  for (auto& [id, own] : own_) {
    if (!own.given_out && (!any_bounce_running() || own.until <= now)) {
      own.given_out = true;
      ready.emplace_back(id);
    }
  }
  return ready;
}

void NewMailGate::take_back() {
  for (auto& [id, own] : own_) {
    own.given_out = false;
  }
}

std::optional<Steady> NewMailGate::first() const {
  std::optional<Steady> first;
  for (const auto& [id, own] : own_) {
    if (!own.given_out) {
      first = earlier<Steady>(first, own.until);
    }
  }
  return first;
}

}  // namespace reqmail::scheduler
