// What a check has been told by the DNS, and what it still wants to know.
#pragma once

#include <map>
#include <string_view>
#include <vector>

#include "auth822/dns_facts.h"

namespace reqmail::auth822 {

class KnownFacts {
 public:
  // Returns the facts; null while they are missing, which makes the question a wanted one. A
  // name that cannot be asked for has no records.
  const DnsFacts* find(RecordType type, std::string_view name);

  // The same without wanting anything.
  [[nodiscard]] const DnsFacts* look(RecordType type, std::string_view name) const;

  // Takes an answer. Returns whether it was wanted.
  bool answer(const DnsQuestion& question, DnsFacts facts);

  // Each question once, in the order in which they came up.
  [[nodiscard]] const std::vector<DnsQuestion>& wants() const { return wants_; }

  void clear_wants() { wants_.clear(); }

 private:
  std::map<DnsQuestion, DnsFacts> known_;
  // Of names that cannot be asked for.
  DnsFacts nothing_{DnsStatus::nothing, {}, {}, {}};
  std::vector<DnsQuestion> wants_;
};

}  // namespace reqmail::auth822
