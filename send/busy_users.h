// Users who have as many local deliveries running as one user may have (qmail-lspawn(8) says so
// in its report): messages for them wait here, out of the waiting line, for one of these
// deliveries to end, and are not tried in vain meanwhile.
//
// Which user a recipient belongs to is qmail-lspawn's knowledge; here it is known of recipients
// that were refused once. So a try is allowed when a delivery to a known recipient of the user
// has ended, or one to an unknown recipient that was running before the first refusal, or after
// a while.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "send/events.h"

namespace reqmail::send {

class BusyUsers {
 public:
  // The first time until a try without a sign that it may succeed; doubled with each that did
  // not, up to the second.
  static constexpr Seconds kFirstStep{5};
  static constexpr Seconds kLongestStep{80};

  // Whether a delivery to the recipient has to wait. A try that was allowed is used up by the
  // answer no.
  bool must_wait(const std::string& recipient);

  // A delivery of this message, number `delivery`, was refused; the message is the next one to
  // be tried.
  void refused(const std::string& recipient, const std::string& user, MessageId id,
               std::uint64_t delivery, Time now);

  // A message that was not tried.
  void park(const std::string& recipient, MessageId id);

  // A delivery has ended: users for whom another one may begin.
  std::vector<std::string> ended(const std::string& recipient, std::uint64_t delivery);

  // Users for whom it is time to try all the same.
  std::vector<std::string> due(Time now);

  // When due() has some.
  [[nodiscard]] std::optional<Time> first() const;

  // The next message of a user, taken out; without one the user is forgotten.
  std::optional<MessageId> take(const std::string& user);

  // One more delivery to the user may be tried.
  void allow(const std::string& user) { ++queues_[user].allowed; }

 private:
  struct Queue {
    std::deque<std::uint64_t> messages;
    // The delivery that was refused first.
    std::uint64_t began = 0;
    unsigned allowed = 0;
    Seconds step = kFirstStep;
    Time again{};
  };

  std::map<std::string, Queue> queues_;
  std::unordered_map<std::string, std::string> user_of_;
};

}  // namespace reqmail::send
