// One question to the name servers: each server is asked in turn by UDP, and by TCP if its
// answer does not fit, until one gives a usable answer. A late answer of an earlier server is
// used too.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "net/dns_message.h"
#include "net/dns_servers.h"
#include "sys/fd.h"
#include "sys/poller.h"

namespace reqmail::net {

class DnsExchange {
 public:
  // `servers` must outlive the exchange. Times are on the clock of sys::monotonic().
  DnsExchange(const DnsServers& servers, DnsName name, DnsType type,
              std::chrono::milliseconds now);

  // Adds the descriptors that the exchange waits for.
  void watch(sys::Poller& poller);

  // Processes what has come since watch(), and asks further servers when it is time.
  void proceed(const sys::Poller& poller, std::chrono::milliseconds now);

  // Returns the time at which proceed() must be called even if nothing has come.
  [[nodiscard]] std::chrono::milliseconds due() const { return due_; }

  [[nodiscard]] bool over() const { return over_; }

  // Returns the result after over(); nullopt if no server gave a usable answer.
  [[nodiscard]] std::optional<DnsAnswer>& answer() { return answer_; }

 private:
  // A query that was sent. Each has its own id and port, both random.
  struct Attempt {
    sys::Fd socket;
    std::size_t server = 0;
    std::uint16_t id = 0;
    bool edns = true;
    bool tcp = false;
    bool connected = false;
    std::string unsent;
    std::string received;
    std::size_t watched = 0;
  };

  void ask_next(std::chrono::milliseconds now);
  bool start(std::size_t server, bool tcp, bool edns);
  // Returns whether the attempt continues.
  bool proceed(Attempt& attempt);
  bool proceed_by_tcp(Attempt& attempt);
  bool take(Attempt& attempt, const std::string& message);
  void finish(std::optional<DnsAnswer> answer);

  const DnsServers& servers_;
  DnsName name_;
  DnsType type_;
  std::vector<Attempt> attempts_;
  // Attempts that are started while attempts_ is iterated.
  std::vector<Attempt> more_;
  std::size_t asked_ = 0;
  std::chrono::milliseconds due_;
  bool over_ = false;
  std::optional<DnsAnswer> answer_;
};

}  // namespace reqmail::net
