// Whether domains have answered lately, or deliveries to them have hung.
#pragma once

#include <cstddef>
#include <list>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/time.h"
#include "scheduler/timers.h"

namespace reqmail::scheduler {

class DomainMemory {
 public:
  // What is older is forgotten, and so is the oldest beyond this number of domains.
  static constexpr Steady kLately{3'600'000};
  static constexpr std::size_t kDomainsMax = 4096;

  // A delivery to the domain has ended with an answer, or has hung.
  void note(std::string_view domain, bool answered, Steady now);

  // A delivery to the domain was deferred, which says nothing about others: the last answer has
  // no time any more.
  void note_deferral(std::string_view domain);

  // Returns what was noted last; nullopt if nothing is known.
  [[nodiscard]] std::optional<bool> answered(std::string_view domain, Steady now) const;

  // Returns the time of what was noted last if that is an answer, and no deferral came after
  // it.
  [[nodiscard]] std::optional<Steady> last_answer(std::string_view domain) const;

 private:
  struct Entry {
    std::string domain;
    bool answered = false;
    Steady at{0};
    bool deferred_since = false;
  };

  // The one that was noted last comes last.
  std::list<Entry> entries_;
  // The keys are the texts of the entries.
  std::unordered_map<std::string_view, std::list<Entry>::iterator> found_;
};

}  // namespace reqmail::scheduler
