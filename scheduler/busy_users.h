// Users who have as many local deliveries running as one user may have (qmail-lspawn(8) says so
// in its report): messages for them wait here, out of the waiting line, for one of these
// deliveries to end, and are not tried in vain meanwhile. A message comes here when nothing
// else is under way for it, so that it can be tried when its turn comes.
//
// Which user a recipient belongs to is qmail-lspawn's knowledge; here it is known of recipients
// that were refused once. So a try is allowed when a delivery to a known recipient of the user
// has ended, or one to an unknown recipient that was running before the first refusal, or after
// a while.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "scheduler/events.h"

namespace reqmail::scheduler {

class BusyUsers {
 public:
  // The first time until a try without a sign that it may succeed; doubled with each that did
  // not, up to the second.
  static constexpr Seconds kFirstStep{5};
  static constexpr Seconds kLongestStep{80};

  // So many recipients are remembered; a message may have any number.
  static constexpr std::size_t kMostRecipients = 10'000;

  // Returns the user for whom a delivery to the recipient has to wait, nullopt if it need not
  // wait. That uses up a try that was allowed.
  std::optional<std::string> must_wait(const std::string& recipient);

  // A delivery, number `delivery`, was refused. Returns false if no more recipients can be
  // remembered: this one is to be tried again as after any other deferral.
  bool refused(const std::string& recipient, const std::string& user, std::uint64_t delivery,
               Time now);

  // A message waits for the user; one that was refused is the next to be tried. Returns false
  // if the user is not known to be busy any more.
  bool park(const std::string& user, MessageId id, bool was_refused);

  // A delivery has ended. Returns the users for whom another one may begin.
  std::vector<std::string> ended(const std::string& recipient, std::uint64_t delivery);

  // Returns the users for whom it is time to try although no delivery has ended.
  std::vector<std::string> due(Time now);

  // The time when due() has some.
  [[nodiscard]] std::optional<Time> first() const;

  // Takes out the next message of a user. If there is none, the user is forgotten.
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

}  // namespace reqmail::scheduler
