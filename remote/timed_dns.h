// Name servers, with an end for all questions together: whoever owns a domain may answer with
// hundreds of exchangers and aliases, each of which takes its time.
#pragma once

#include <chrono>
#include <string>

#include "net/dns.h"

namespace reqmail::remote {

class TimedDns : public net::DnsTransport {
 public:
  // `end` is on the clock of sys::monotonic().
  TimedDns(net::DnsTransport& transport, std::chrono::milliseconds end)
      : transport_(transport), end_(end) {}

  // A temporary Failure once the end has come. Where a question is not given up by itself then,
  // since the system's resolver waits for ever on a TCP connection, the process ends with a
  // report.
  Result<std::string> ask(const net::DnsName& name, net::DnsType type) override;

 private:
  net::DnsTransport& transport_;
  std::chrono::milliseconds end_;
};

}  // namespace reqmail::remote
