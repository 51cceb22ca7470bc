// Name servers on 127.0.0.1, each on its own port, which answer from a thread.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "net/socket_address.h"

namespace reqmail::test {

struct DnsRequest {
  std::string id;        // two bytes
  std::string question;  // name, type and class as in the request
  unsigned flags = 0;    // the second 16 bits
  bool edns = false;
  bool tcp = false;
};

// Listens for UDP and TCP on one port, which is a free one if `port` is 0. `respond` makes the
// whole reply; without one the server stays silent.
class LoopbackDns {
 public:
  using Respond = std::function<std::optional<std::string>(const DnsRequest&)>;

  explicit LoopbackDns(Respond respond, std::uint16_t port = 0);
  LoopbackDns(const LoopbackDns&) = delete;
  LoopbackDns& operator=(const LoopbackDns&) = delete;
  LoopbackDns(LoopbackDns&&) = delete;
  LoopbackDns& operator=(LoopbackDns&&) = delete;
  ~LoopbackDns();

  [[nodiscard]] net::Endpoint endpoint() const;

  // Returns how many requests have come.
  [[nodiscard]] int count() const { return count_; }

 private:
  void serve();
  void serve_datagram();
  void serve_stream();

  Respond respond_;
  int datagrams_ = -1;
  int streams_ = -1;
  std::uint16_t port_ = 0;
  std::atomic<int> count_{0};
  std::atomic<bool> ends_{false};
  std::thread thread_;
};

// Makes a reply with these answer records.
std::string dns_reply(const DnsRequest& request, const std::vector<std::string>& answers,
                      unsigned code = 0, unsigned more_flags = 0);

}  // namespace reqmail::test
