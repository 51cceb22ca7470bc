#include "smtpd/line_checks.h"

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "control/files.h"
#include "filter/service_line.h"
#include "proto/deny_list.h"
#include "proto/dmarc_exemptions.h"
#include "proto/dns_lists.h"
#include "proto/recipient_lists.h"
#include "smtpd/authentication_files.h"
#include "smtpd/denied_peers.h"
#include "smtpd/sender_check_files.h"

namespace reqmail::smtpd {

namespace {

using Lines = std::vector<std::string>;

control::FindBadLines of_deny_list(proto::DenyList::Of what, proto::CompileExpression compile) {
  return
      [what, compile](const Lines& lines) { return proto::DenyList(what).add(lines, compile); };
}

std::vector<base::BadLine> of_recipients(const Lines& lines) {
  return proto::RecipientFile().add(lines);
}

std::vector<base::BadLine> of_dns_lists(const Lines& lines) {
  std::vector<base::BadLine> bad;
  for (const std::string& line : lines) {
    if (const auto list = proto::parse_dns_list(line); !list) {
      bad.push_back({line, list.error().text});
    }
  }
  return bad;
}

std::vector<base::BadLine> of_exemptions(const Lines& lines) {
  std::vector<base::BadLine> bad;
  for (const std::string& line : lines) {
    if (const auto added = proto::DmarcExemptions().add(line); !added) {
      bad.push_back({line, added.error().text});
    }
  }
  return bad;
}

control::FindBadLines of_services(std::span<const std::string_view> fallbacks) {
  return [fallbacks](const Lines& lines) {
    std::vector<base::BadLine> bad;
    for (const std::string& line : lines) {
      if (const auto service = filter::parse_service_line(line, fallbacks); !service) {
        bad.push_back({line, service.error().text});
      }
    }
    return bad;
  };
}

// Of a file that has one line.
control::FindBadLines of_line(std::optional<base::BadLine> (*fault)(const std::string& line)) {
  return [fault](const Lines& lines) {
    const auto bad = fault(lines.front());
    return bad ? std::vector<base::BadLine>{*bad} : std::vector<base::BadLine>();
  };
}

}  // namespace

std::vector<control::LineCheck> line_checks() {
  control::ControlFiles control(control::ControlFiles::Unreadable::is_absent);
  const bool expressions =
      deny_environment().expressions.value_or(control.number("qregex") > 0);
  const auto compile = expressions ? compile_expression : nullptr;
  const auto addresses = of_deny_list(proto::DenyList::Of::addresses, compile);
  const auto hosts = of_deny_list(proto::DenyList::Of::hosts, compile);
  return {
      {"badhelo", hosts},
      {"badhelonorelay", hosts},
      {"badmailfrom", addresses},
      {"badmailfromnorelay", addresses},
      {"badmailto", addresses},
      {"badmailtonorelay", addresses},
      {"badrcptto", addresses},
      {"badrcpttonorelay", addresses},
      {"dmarc", of_line(fault_of_dmarc)},
      {"dmarcexempt", of_exemptions},
      {"dnsblcheck", of_dns_lists},
      {"dnsbllist", of_dns_lists},
      {"morevalidrcptto", proto::faults_of_valid_list},
      {"recipients", of_recipients},
      {"smtpdmilters", of_services(filter::milter_fallbacks())},
      {"smtpdpolicy", of_services(filter::policy_fallbacks())},
      {"spfguess", of_line(fault_of_spf_rules)},
      {"spfrules", of_line(fault_of_spf_rules)},
      {"validrcptto", proto::faults_of_valid_list},
  };
}

}  // namespace reqmail::smtpd
