// Recipients of a message that wait for the time of their next try while others of the same
// message wait for a domain (scheduler/domain_limits.h). The message is gone through as soon as
// the domain allows it, and these recipients are left out until their time has come.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <unordered_map>
#include <vector>

#include "base/time.h"
#include "mail/message_id.h"

namespace reqmail::scheduler {

// The times of the next tries by the offsets of the recipients in their file.
using NextTries = std::map<std::uint64_t, base::Time>;

class DeferredRecipients {
 public:
  void keep(mail::MessageId id, NextTries tries);

  // Takes out what is known of a message.
  NextTries take(mail::MessageId id);

  // Returns the messages of which a recipient has its time now, each once until it is kept
  // again.
  std::vector<mail::MessageId> take_due(base::Time now);

  // The time when take_due() has some.
  [[nodiscard]] std::optional<base::Time> first() const;

  // All are due now.
  void all_due(base::Time now);

  // The clock was set back: everyone waits as long as before.
  void shift_back(base::Seconds by);

 private:
  std::unordered_map<std::uint64_t, NextTries> messages_;
  std::multimap<base::Time, std::uint64_t> order_;
};

// Returns the earliest of these times and `time`.
base::Time earliest(const NextTries& tries, base::Time time);

}  // namespace reqmail::scheduler
