#include <algorithm>
#include <optional>

#include "base/ascii.h"
#include "base/text.h"
#include "dnscheck/domain_checks.h"

namespace reqmail::dnscheck {

namespace {

using auth822::DnsFacts;
using auth822::DnsStatus;
using auth822::RecordType;

// RFC 8461 section 3.1.
constexpr std::size_t kIdMax = 32;

// The records of a name that begin with the version of a protocol.
std::vector<std::string> versioned(const DnsFacts& facts, std::string_view version) {
  std::vector<std::string> found;
  for (const std::string& text : facts.texts) {
    if (text.starts_with(version)) {
      found.push_back(text);
    }
  }
  return found;
}

// The value of a field of such a record: "v=STSv1; id=1;".
std::optional<std::string_view> field_of(std::string_view record, std::string_view name) {
  for (const std::string_view part : base::split(record, ';')) {
    const std::string_view field = base::trim_end(base::trim_start(part));
    if (field.size() > name.size() && field.starts_with(name) && field[name.size()] == '=') {
      return field.substr(name.size() + 1);
    }
  }
  return std::nullopt;
}

bool is_policy_id(std::string_view id) {
  return !id.empty() && id.size() <= kIdMax && std::all_of(id.begin(), id.end(), [](char c) {
    return base::is_letter(c) || base::is_digit(c);
  });
}

Finding strict_transport(const std::string& domain, Answers& answers, bool& published) {
  const std::string name = base::concat({"_mta-sts.", domain});
  const DnsFacts facts = answers.find(RecordType::txt, name);
  if (facts.status == DnsStatus::temporary) {
    return {"mta-sts", Status::unknown, base::concat({"no name server tells about ", name})};
  }
  const auto records = versioned(facts, "v=STSv1;");
  if (records.empty()) {
    return {"mta-sts", Status::ok,
            base::concat({domain, " does not ask for TLS by MTA-STS, which is optional"})};
  }
  published = true;
  const auto id = field_of(records.front(), "id");
  if (records.size() > 1 || !id || !is_policy_id(*id)) {
    return {"mta-sts", Status::warning,
            base::concat({"senders ignore what is at ", name,
                          ": it must be one record with an id of letters and digits"}),
            publish(name, "TXT", "\"v=STSv1; id=1;\"")};
  }
  const std::string host = base::concat({"mta-sts.", domain});
  answers.ask(
      {auth822::question(RecordType::a, host), auth822::question(RecordType::aaaa, host)});
  if (answers.find(RecordType::a, host).status == DnsStatus::nothing &&
      answers.find(RecordType::aaaa, host).status == DnsStatus::nothing) {
    return {"mta-sts", Status::critical,
            base::concat({name, " promises a policy, but ", host, " does not have an address"}),
            publish(host, "A", "ADDRESS")};
  }
  return {"mta-sts", Status::ok,
          base::concat({"the policy of ", domain, " has the id ", *id, "; https://", host,
                        "/.well-known/mta-sts.txt was not fetched"})};
}

Finding tls_reports(const std::string& domain, Answers& answers, bool wanted) {
  const std::string name = base::concat({"_smtp._tls.", domain});
  const std::string record = publish(
      name, "TXT", base::concat({"\"v=TLSRPTv1; rua=mailto:postmaster@", domain, "\""}));
  const DnsFacts facts = answers.find(RecordType::txt, name);
  if (facts.status == DnsStatus::temporary) {
    return {"tlsrpt", Status::unknown, base::concat({"no name server tells about ", name})};
  }
  const auto records = versioned(facts, "v=TLSRPTv1;");
  if (records.empty()) {
    return {"tlsrpt", wanted ? Status::warning : Status::ok,
            base::concat({domain, " asks for no reports about TLS, which are optional",
                          wanted ? ", although senders must use it" : ""}),
            wanted ? record : ""};
  }
  const auto address = field_of(records.front(), "rua");
  if (records.size() > 1 || !address ||
      !(address->starts_with("mailto:") || address->starts_with("https:"))) {
    return {"tlsrpt", Status::warning,
            base::concat({"senders ignore what is at ", name,
                          ": it must be one record with rua=mailto: or https:"}),
            record};
  }
  return {"tlsrpt", Status::ok, base::concat({"reports about TLS go to ", *address})};
}

}  // namespace

void check_transport_policy(const Subject& subject, Answers& answers, Report& report) {
  bool published = false;
  report.add(strict_transport(subject.domain, answers, published));
  report.add(tls_reports(subject.domain, answers, published));
}

}  // namespace reqmail::dnscheck
