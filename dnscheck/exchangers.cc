#include "base/text.h"
#include "dnscheck/domain_checks.h"
#include "dnscheck/targets.h"

namespace reqmail::dnscheck {

namespace {

using auth822::DnsFacts;
using auth822::DnsStatus;
using auth822::RecordType;

std::string exchanger_record(const Subject& subject) {
  return publish(subject.domain, "MX", base::concat({"10 ", subject.host.name, "."}));
}

Finding finding_for(const Subject& subject, const std::vector<std::string>& names,
                    Answers& answers) {
  ask_addresses(names, answers);
  bool here = false;
  bool unknown = false;
  for (const std::string& name : names) {
    const Target target = target_of(name, subject.host, answers);
    if (target == Target::nowhere) {
      return {"mx", Status::critical, base::concat({name, " does not have an address"}),
              publish(name, "A", "ADDRESS")};
    }
    here = here || target == Target::here;
    unknown = unknown || target == Target::unknown;
  }
  const std::string where =
      base::concat({"mail for ", subject.domain, " goes to ", names.front(),
                    names.size() > 1 ? " and others" : ""});
  if (unknown && !here) {
    return {"mx", Status::unknown, base::concat({where, "; not all addresses are known"})};
  }
  if (subject.receives && !here) {
    return {"mx", Status::warning,
            base::concat({where, ", which is not this host, although it accepts such mail"}),
            exchanger_record(subject)};
  }
  return {"mx", Status::ok, where};
}

}  // namespace

void check_exchangers(const Subject& subject, Answers& answers, Report& report) {
  const DnsFacts facts = answers.find(RecordType::mx, subject.domain);
  const std::string record = exchanger_record(subject);
  if (facts.status == DnsStatus::temporary) {
    report.add(
        {"mx", Status::unknown,
         base::concat({"no name server tells where mail for ", subject.domain, " goes"})});
    return;
  }
  if (facts.status == DnsStatus::found) {
    // The root: the domain accepts no mail.
    if (facts.names.size() == 1 && (facts.names[0] == "." || facts.names[0].empty())) {
      report.add(
          {"mx", Status::critical,
           base::concat({subject.domain,
                         " accepts no mail (RFC 7505), so nobody can answer, and bounces "
                         "are lost"}),
           record});
      return;
    }
    report.add(finding_for(subject, facts.names, answers));
    return;
  }
  switch (target_of(subject.domain, subject.host, answers)) {
  case Target::here:
  case Target::elsewhere:
    report.add({"mx", Status::warning,
                base::concat({subject.domain, " has no MX record; mail goes to its address"}),
                record});
    break;
  case Target::nowhere:
    report.add({"mx", Status::critical,
                base::concat({subject.domain, " has neither an MX record nor an address"}),
                record});
    break;
  case Target::unknown:
    report.add({"mx", Status::unknown,
                base::concat({"no name server tells the address of ", subject.domain})});
    break;
  }
}

}  // namespace reqmail::dnscheck
