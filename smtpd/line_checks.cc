#include "smtpd/line_checks.h"

#include <string>

#include "control/files.h"
#include "proto/deny_list.h"
#include "proto/dns_lists.h"
#include "proto/recipient_lists.h"
#include "smtpd/denied_peers.h"

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
      {"dnsblcheck", of_dns_lists},
      {"dnsbllist", of_dns_lists},
      {"morevalidrcptto", proto::faults_of_valid_list},
      {"recipients", of_recipients},
      {"validrcptto", proto::faults_of_valid_list},
  };
}

}  // namespace reqmail::smtpd
