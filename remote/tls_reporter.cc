#include "remote/tls_reporter.h"

#include <vector>

#include "net/datagram.h"
#include "remote/tls_policy.h"
#include "sys/clock.h"

namespace reqmail::remote {

namespace {

// RFC 8460 section 3: a domain with several records wants no reports.
std::string report_record(const std::vector<net::DnsRecord>& records) {
  std::string found;
  for (const net::DnsRecord& record : records) {
    if (is_report_record(record.text)) {
      if (!found.empty()) {
        return {};
      }
      found = record.text;
    }
  }
  return found;
}

}  // namespace

void TlsReporter::look(std::chrono::milliseconds time) {
  for (const net::DnsFinding& finding : resolver_->wait(sys::monotonic() + time)) {
    record_ = report_record(finding.records);
  }
}

void TlsReporter::begin() {
  if (!is_on() || resolver_ != nullptr) {
    return;
  }
  const auto name = net::DnsName::from_text("_smtp._tls." + domain_);
  auto servers = net::system_dns_servers();
  if (!name || policy_name(domain_).empty() || !servers) {
    return;
  }
  resolver_ = std::make_unique<net::DnsResolver>(std::move(*servers));
  resolver_->ask(*name, net::DnsType::txt);
  look(std::chrono::milliseconds(1));
}

void TlsReporter::end(const TlsPlan& plan, const TlsResult& result) {
  if (resolver_ == nullptr) {
    return;
  }
  if (!record_) {
    look(kReportRecordTime);
  }
  if (!record_.value_or(std::string()).empty()) {
    // A report that is lost is missing in the statistics of the domain, nothing else.
    (void)net::send_datagram(socket_, tls_result_datagram(domain_, *record_, plan, result))
        .has_value();
  }
}

}  // namespace reqmail::remote
