#include "auth822/dmarc_check.h"
#include "base/ascii.h"
#include "base/text.h"
#include "dnscheck/domain_checks.h"

namespace reqmail::dnscheck {

namespace {

using auth822::AuthWord;
using auth822::DnsFacts;
using auth822::DnsStatus;
using auth822::RecordType;

// The domains of the mailto: addresses in rua=, in lower case.
std::vector<std::string> report_domains(std::string_view addresses) {
  constexpr std::string_view kScheme = "mailto:";
  std::vector<std::string> domains;
  for (const std::string_view one : base::split(addresses, ',')) {
    const std::string address = base::lower(base::trim_end(base::trim_start(one)));
    const std::size_t at = address.rfind('@');
    if (address.starts_with(kScheme) && at != std::string::npos) {
      // A limit of size may follow: "!10m".
      domains.push_back(address.substr(at + 1, address.find('!', at) - at - 1));
    }
  }
  return domains;
}

void check_receivers(const auth822::DmarcResult& result, Answers& answers, Report& report) {
  for (const std::string& domain : report_domains(result.record->reports)) {
    if (auth822::is_within(domain, result.policy_domain) ||
        auth822::is_within(result.policy_domain, domain)) {
      continue;
    }
    const std::string name = base::concat({result.policy_domain, "._report._dmarc.", domain});
    const DnsFacts facts = answers.find(RecordType::txt, name);
    const bool agrees = !facts.texts.empty() && facts.texts.front().starts_with("v=DMARC1");
    if (facts.status == DnsStatus::temporary) {
      report.add({"dmarc", Status::unknown,
                  base::concat({"no name server tells whether ", domain, " wants reports"})});
    } else if (!agrees) {
      report.add({"dmarc", Status::warning,
                  base::concat({"reports would go to ", domain,
                                ", which does not say that it wants them"}),
                  publish(name, "TXT", "\"v=DMARC1\"")});
    }
  }
}

}  // namespace

void check_dmarc(const Subject& subject, Answers& answers, Report& report) {
  auth822::DmarcRequest request;
  request.author.domain = subject.domain;
  request.spf = {subject.domain, AuthWord::pass};
  auth822::DmarcCheck check(std::move(request));
  answer_all(check, answers);
  const auth822::DmarcResult result = check.result().value_or(auth822::DmarcResult());
  const std::string name = base::concat({"_dmarc.", subject.domain});
  const std::string record = publish(
      name, "TXT",
      base::concat({"\"v=DMARC1; p=none; rua=mailto:postmaster@", subject.domain, "\""}));
  if (result.word == AuthWord::temperror) {
    report.add({"dmarc", Status::unknown,
                base::concat({"no name server tells the policy of ", subject.domain})});
    return;
  }
  if (!result.record) {
    const DnsFacts facts = answers.find(RecordType::txt, name);
    report.add({"dmarc", Status::warning,
                facts.texts.empty()
                    ? base::concat({subject.domain, " has no DMARC policy"})
                    : base::concat({"the record at ", name,
                                    " is malformed, or one of several, so none counts"}),
                record});
    return;
  }
  report.add({"dmarc", Status::ok,
              base::concat({"the policy of ", result.policy_domain, " asks for ",
                            auth822::dmarc_word(result.policy)})});
  check_receivers(result, answers, report);
}

}  // namespace reqmail::dnscheck
