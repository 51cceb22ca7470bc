#include "auth822/dmarc_check.h"
#include "auth822/report_targets.h"
#include "base/text.h"
#include "dnscheck/domain_checks.h"

namespace reqmail::dnscheck {

namespace {

using auth822::AuthWord;
using auth822::DnsFacts;
using auth822::DnsStatus;
using auth822::RecordType;

void check_receivers(const auth822::DmarcResult& result, Answers& answers, Report& report) {
  for (const auth822::ReportTarget& target : auth822::report_targets(result.record->reports)) {
    auth822::ReportTargetCheck check(result.policy_domain, {target});
    answer_all(check, answers);
    const auto found = check.result().value_or(auth822::ReportTargetCheck::Result());
    if (found.uncertain) {
      report.add(
          {"dmarc", Status::unknown,
           base::concat({"no name server tells whether ", target.host, " wants reports"})});
    } else if (found.targets.empty()) {
      report.add({"dmarc", Status::warning,
                  base::concat({"reports would go to ", target.host,
                                ", which does not say that it wants them"}),
                  publish(base::concat({result.policy_domain, "._report._dmarc.", target.host}),
                          "TXT", "\"v=DMARC1\"")});
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
