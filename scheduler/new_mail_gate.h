// Which new mail has to wait, so that the log tells of a bounce in order: "bounce msg N", "end
// msg N", and then the bounce as a new message.
//
// While a bounced message is on its way out, which is a moment, all new mail waits. While
// bounces are being queued, which may take long, only new mail of qmail-send's own account
// waits, since it may be one of them; and that for kMost at most, since it may be another one.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <unordered_set>
#include <vector>

#include "mail/message_id.h"
#include "scheduler/timers.h"

namespace reqmail::scheduler {

class NewMailGate {
 public:
  static constexpr Steady kMost{5000};

  // The account under which qmail-send queues its bounces, if it is known.
  explicit NewMailGate(std::optional<std::uint64_t> own_uid) : own_uid_(own_uid) {}

  // A queue program gets a bounce; it has ended.
  void bounce_began() { ++running_; }

  void bounce_ended() { --running_; }

  [[nodiscard]] bool any_bounce_running() const { return running_ != 0; }

  // The bounce of this message is queued, and the message leaves.
  void close_for(mail::MessageId id) { leaving_.insert(id.number()); }

  // It has left, or stays for now.
  void open_for(mail::MessageId id) { leaving_.erase(id.number()); }

  // No new message may be begun.
  [[nodiscard]] bool closed() const { return !leaving_.empty(); }

  // Returns whether a new message has to wait. It is given out by take_ready() then.
  bool waits(mail::MessageId id, std::optional<std::uint64_t> uid, Steady now);

  // Returns whether a message waits, or is out to be tried again.
  [[nodiscard]] bool knows(mail::MessageId id) const { return own_.contains(id.number()); }

  void forget(mail::MessageId id) { own_.erase(id.number()); }

  // Messages that need not wait any longer; each is to be tried once more.
  std::vector<mail::MessageId> take_ready(Steady now);

  // The list of todo is new: what was given out, but not tried, is to be given out again.
  void take_back();

  // When take_ready() has some although no bounce ends.
  [[nodiscard]] std::optional<Steady> first() const;

 private:
  struct Waiting {
    Steady until{};
    bool given_out = false;
  };

  std::optional<std::uint64_t> own_uid_;
  std::size_t running_ = 0;
  std::unordered_set<std::uint64_t> leaving_;
  std::map<std::uint64_t, Waiting> own_;
};

}  // namespace reqmail::scheduler
