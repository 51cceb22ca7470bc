// Checks that are answered at the same time, as one check for pump() of judge/dns_pump.
#pragma once

#include <functional>
#include <vector>

#include "auth822/dns_facts.h"

namespace reqmail::judge {

class Together {
 public:
  // `check` must outlive this object.
  template <typename Check>
  void add(Check& check) {
    wants_.push_back([&check](std::vector<auth822::DnsQuestion>& all) {
      all.insert(all.end(), check.wants().begin(), check.wants().end());
    });
    answers_.push_back(
        [&check](const auth822::DnsQuestion& question, const auth822::DnsFacts& facts) {
          check.answer(question, facts);
        });
  }

  // What each of them wants. A question may come more than once.
  [[nodiscard]] std::vector<auth822::DnsQuestion> wants() const {
    std::vector<auth822::DnsQuestion> all;
    for (const auto& wants : wants_) {
      wants(all);
    }
    return all;
  }

  void answer(const auth822::DnsQuestion& question, const auth822::DnsFacts& facts) {
    for (const auto& answer : answers_) {
      answer(question, facts);
    }
  }

 private:
  std::vector<std::function<void(std::vector<auth822::DnsQuestion>&)>> wants_;
  std::vector<std::function<void(const auth822::DnsQuestion&, const auth822::DnsFacts&)>>
      answers_;
};

}  // namespace reqmail::judge
