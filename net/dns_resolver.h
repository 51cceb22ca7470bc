// A client of name servers that has many questions under way at once, and remembers what it was
// told.
//
// Questions go out when they are asked; wait() returns when one of them is answered. Where the
// caller's time ends first, what is still missing counts as not answered.
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
  // Of the type asked for, in the order of the answer.
  std::vector<DnsRecord> records;
  // Verified by the name server (AD), all the way along aliases.
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

  // A question that is under way is not put again; one that has been answered is answered from
  // memory.
  void ask(const DnsName& name, DnsType type);

  // What has been found since the last call: waits until there is something, at most until
  // `end` on the clock of sys::monotonic(). Empty: `end` has come, or nothing is under way.
  std::vector<DnsFinding> wait(std::chrono::milliseconds end);

  // Whether a question waits for its answer.
  [[nodiscard]] bool busy() const { return !under_way_.empty() || !ready_.empty(); }

  // Gives up what is under way.
  void forget_questions();

 private:
  struct Lookup;

  void proceed();
  void step(Lookup& lookup);

  DnsServers servers_;
  sys::Poller poller_;
  std::vector<std::unique_ptr<Lookup>> under_way_;
  std::deque<DnsFinding> ready_;
  // All that was answered; what was not is asked anew the next time.
  std::vector<DnsFinding> memory_;
};

}  // namespace reqmail::net
