// Gives the results of sessions to the collector of reports about TLS at the socket in
// control/tlsrptsocket. It never delays or changes a delivery.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>

#include "net/dns_resolver.h"
#include "remote/tls_result.h"

namespace reqmail::remote {

// How long the end of a session waits for the record of the domain, which was asked for at its
// beginning.
inline constexpr std::chrono::milliseconds kReportRecordTime(500);

class TlsReporter {
 public:
  // `socket`: its path; empty: there is no collector. `domain`: the one that mail is for.
  TlsReporter(std::string socket, std::string domain)
      : socket_(std::move(socket)), domain_(std::move(domain)) {}

  // A session begins: whether the domain wants reports is asked, and the answer not waited for.
  void begin();

  // It has ended.
  void end(const TlsPlan& plan, const TlsResult& result);

  [[nodiscard]] bool is_on() const { return !socket_.empty(); }

 private:
  void look(std::chrono::milliseconds time);

  std::string socket_;
  std::string domain_;
  std::unique_ptr<net::DnsResolver> resolver_;
  // The record of the domain; empty: it wants no reports.
  std::optional<std::string> record_;
};

}  // namespace reqmail::remote
