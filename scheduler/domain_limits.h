// Domains to which no delivery may start for now (control/concurrencyremotedomains,
// control/ratelimitremote and control/concurrencyremotereserve): messages for them wait here,
// out of the waiting line, for a delivery to end or for time to pass, and are not tried
// meanwhile. They get their turns in the order in which they came, and a message that comes
// later does not overtake them.
//
// A domain whose deliveries have not ended with an answer lately may hang. It leaves the
// reserve of places to others: its second and further deliveries start only outside of it, and
// so does the first one if the last one has hung. Domains of which nothing is known are tried
// there one after the other (scheduler/newcomers.h), so that many that hang do not fill it.
//
// A message that waits for one domain takes 8 bytes. When a delivery to a domain
// may start, one of its messages is called (take_called()): it is gone through, and starts what
// it may. The next one is called when that one has started a delivery or was gone through.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "mail/message_id.h"
#include "scheduler/domain_memory.h"
#include "scheduler/domain_rules.h"
#include "scheduler/newcomers.h"
#include "scheduler/timers.h"

namespace reqmail::scheduler {

class DomainLimits {
 public:
  // For so long after an answer a domain may use the reserve.
  static constexpr Steady kAnswers{5000};
  // A deferral that comes later than this after the domain's last start is one of a host that
  // hangs; one that comes sooner says nothing.
  static constexpr Steady kHangs{1000};

  // The rules at the start, or other ones after HUP.
  void set(DomainRules rules);

  // How many places there are, and how many deliveries run in them; to be called whenever that
  // has changed.
  void set_places(std::size_t places, std::size_t taken);

  // Returns whether there are limits, or messages that wait because there were.
  [[nodiscard]] bool active() const { return !rules_.empty() || !domains_.empty(); }

  // Returns whether a delivery of this message to the recipient's domain may start now.
  bool may_start(std::string_view recipient, mail::MessageId id, Steady now);

  // A delivery has started, or ended. `answered`: the domain has accepted or refused the
  // message, and not deferred it.
  void started(std::string_view recipient, mail::MessageId id, Steady now);
  void ended(std::string_view recipient, bool answered, Steady now);

  // The message waits for all these domains.
  void park(const std::set<std::string>& domains, mail::MessageId id);

  // All recipients of the message have been looked at.
  void gone_through(mail::MessageId id);

  // Returns the next message of which a delivery may start; it does not wait any more for that
  // domain. It may be gone meanwhile.
  std::optional<mail::MessageId> take_called(Steady now);

  // When take_called() may have one although no delivery ends.
  [[nodiscard]] std::optional<Steady> first() const;

 private:
  struct Domain {
    DomainLimit limit;
    std::size_t running = 0;
    // When the last of its answers came; nullopt after a deferral.
    std::optional<Steady> answered;
    Steady last_start{0};
    // When its first delivery has started in the reserve, of which nothing is known.
    std::optional<Steady> newcomer;
    // When it first wanted that.
    std::optional<Steady> asked;
    // The times of the last starts, if they are limited.
    std::deque<Steady> starts;
    std::deque<std::uint64_t> waiting;
    // The message that is called and has neither started a delivery nor been gone through.
    std::optional<std::uint64_t> called;
    // It is in the line of domains that are to be looked at, or will be at some time.
    bool in_line = false;
    bool timed = false;
  };

  Domain& domain_of(std::string_view name);
  bool has_room(const std::string& name, Domain& domain, Steady now);
  static bool has_room_of_its_own(Domain& domain, Steady now);
  // How a domain stands with the reserve: whether it may start in it, or is to be tried.
  enum class Standing { may, may_not, unknown };

  [[nodiscard]] bool at_reserve() const;
  [[nodiscard]] Standing standing(const std::string& name, const Domain& domain,
                                  Steady now) const;
  bool may_use_reserve(const std::string& name, Domain& domain, Steady now);
  void note_end(const std::string& name, Domain& domain, bool answered, Steady now);
  void look_at_next_newcomer();
  bool waits_in(const Domain& domain, mail::MessageId id, bool in_several);
  void waits_no_more(const Domain& domain, std::uint64_t id);
  void take_timers(Steady now);
  void look_at(const std::string& name, Domain& domain);
  void forget_if_idle(const std::string& name);

  DomainRules rules_;
  std::size_t all_places_ = 0;
  std::size_t taken_places_ = 0;
  // Domains that the reserve has stopped since there was room outside of it, and those of them
  // that are to be tried in it.
  std::set<std::string> stopped_;
  std::set<std::string> stopped_newcomers_;
  DomainMemory memory_;
  Newcomers newcomers_;
  std::unordered_map<std::string, Domain> domains_;
  // Where a message waits that waits for several domains.
  std::unordered_map<std::uint64_t, std::vector<const Domain*>> places_;
  // Domains of which somebody may be called.
  std::deque<std::string> line_;
  // When a limit of starts allows another one.
  Timers<std::string> timers_;
  // Which domains have called a message.
  std::unordered_multimap<std::uint64_t, std::string> callers_;
};

// Returns the domain of a recipient, in lower case.
std::string recipient_domain(std::string_view recipient);

}  // namespace reqmail::scheduler
