// Where the aggregate reports about a domain go: the addresses in rua= of its policy record. An
// address of another organization must have agreed (RFC 9990 section 4): otherwise anybody
// could have reports sent to a victim.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "auth822/dns_facts.h"
#include "auth822/known_facts.h"

namespace reqmail::auth822 {

// More addresses than these are not looked at.
inline constexpr std::size_t kReportTargetsMax = 10;

struct ReportTarget {
  std::string address;
  std::string host;         // its domain, in lower case
  std::uint64_t limit = 0;  // the most bytes that it takes; 0: there is no limit

  friend bool operator==(const ReportTarget&, const ReportTarget&) = default;
};

// Returns the addresses of a list of URIs (RFC 9989 section 4.7), as in
// "mailto:a@b.example,mailto:c@d.example!10m". Other schemes, and addresses that SMTP cannot
// have, are left out.
std::vector<ReportTarget> report_targets(std::string_view uris);

// A check like those of mail: it wants facts until it has a result.
class ReportTargetCheck {
 public:
  struct Result {
    std::vector<ReportTarget> targets;
    bool uncertain = false;  // a look-up failed, so an address may be missing
  };

  ReportTargetCheck(std::string policy_domain, std::vector<ReportTarget> targets);

  [[nodiscard]] const std::vector<DnsQuestion>& wants() const { return facts_.wants(); }

  void answer(const DnsQuestion& question, DnsFacts facts);

  [[nodiscard]] const std::optional<Result>& result() const { return result_; }

 private:
  void evaluate();
  // Absent: a fact is missing.
  std::optional<Result> targets_for(const ReportTarget& target);
  [[nodiscard]] Result by_record(const ReportTarget& target, const DnsFacts& facts) const;

  std::string domain_;
  std::vector<ReportTarget> asked_;
  KnownFacts facts_;
  std::optional<Result> result_;
};

}  // namespace reqmail::auth822
