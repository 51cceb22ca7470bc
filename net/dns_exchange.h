// One question and the name servers it is put to: each server in turn by UDP, by TCP what does
// not fit, until one gives an answer that counts. An answer that comes late still counts.
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

  // Adds what it waits for.
  void watch(sys::Poller& poller);

  // Takes what has come since watch(), and asks further servers when it is time to.
  void proceed(const sys::Poller& poller, std::chrono::milliseconds now);

  // When proceed() is due although nothing has come.
  [[nodiscard]] std::chrono::milliseconds due() const { return due_; }

  [[nodiscard]] bool over() const { return over_; }

  // Once it is over; absent if no server gave an answer that counts.
  [[nodiscard]] std::optional<DnsAnswer>& answer() { return answer_; }

 private:
  // A socket with a query on its way. Each has an id and a port of its own, both random.
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
  // Returns whether the attempt goes on.
  bool proceed(Attempt& attempt);
  bool proceed_by_tcp(Attempt& attempt);
  bool take(Attempt& attempt, const std::string& message);
  void finish(std::optional<DnsAnswer> answer);

  const DnsServers& servers_;
  DnsName name_;
  DnsType type_;
  std::vector<Attempt> attempts_;
  // Started while attempts_ is gone through.
  std::vector<Attempt> more_;
  std::size_t asked_ = 0;
  std::chrono::milliseconds due_;
  bool over_ = false;
  std::optional<DnsAnswer> answer_;
};

}  // namespace reqmail::net
