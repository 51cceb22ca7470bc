// A client of name servers that can ask many questions at once and remembers the answers.
//
// wait() sends the questions and returns when one of them is answered. If the caller's time
// ends first, the missing answers count as not given.
#pragma once

#include <chrono>
#include <cstddef>
#include <deque>
#include <memory>
#include <vector>

#include "net/dns_follow.h"
#include "net/dns_servers.h"
#include "sys/poller.h"

namespace reqmail::net {

struct DnsFinding {
  DnsName name;
  DnsType type = DnsType::a;
  LookupStatus status = LookupStatus::temporary;
  // The records of the type asked for, in the order of the answer.
  std::vector<DnsRecord> records;
  // Whether the name servers have verified (AD) the answers for all aliases. Some say so only
  // if DnsServers::wants_verification is set.
  bool authenticated = false;
};

class DnsResolver {
 public:
  explicit DnsResolver(DnsServers servers);
  DnsResolver(const DnsResolver&) = delete;
  DnsResolver& operator=(const DnsResolver&) = delete;
  DnsResolver(DnsResolver&&) = delete;
  DnsResolver& operator=(DnsResolver&&) = delete;
  ~DnsResolver();

  // Asks a question, unless it is being asked already. If it has been answered before, the
  // remembered answer is used.
  void ask(const DnsName& name, DnsType type);

  // Waits until something has been found, at most until `end` on the clock of sys::monotonic(),
  // and returns what has been found since the last call. The result is empty if the time is
  // over, if no question is being asked, or if waiting failed.
  std::vector<DnsFinding> wait(std::chrono::milliseconds end);

  // Returns whether there are results to come or to be returned.
  [[nodiscard]] bool busy() const { return !under_way_.empty() || !ready_.empty(); }

  // Drops the questions that have no answer yet, and results that were not returned.
  void forget_questions();

 private:
  struct Lookup;

  void proceed();
  void step(Lookup& lookup);

  DnsServers servers_;
  sys::Poller poller_;
  std::vector<std::unique_ptr<Lookup>> under_way_;
  std::deque<DnsFinding> ready_;
  // All answers. A question without answer is not in it, so it is asked again the next time.
  std::vector<DnsFinding> memory_;
};

}  // namespace reqmail::net
