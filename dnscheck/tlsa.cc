#include <algorithm>

#include "base/text.h"
#include "dnscheck/domain_checks.h"
#include "dnscheck/targets.h"

namespace reqmail::dnscheck {

namespace {

using auth822::DnsFacts;
using auth822::DnsStatus;
using auth822::RecordType;

// A name in a zone that is signed, as all name servers that verify know (RFC 4035): its answers
// tell whether those of this host do.
constexpr std::string_view kSignedName = "in-addr.arpa";

// What senders that look for TLSA records take for true.
struct Trust {
  // The name servers of this host verify answers.
  bool verifies = false;
  // What led to the exchanger is signed: the MX records and the addresses.
  bool way = false;
};

bool is_verified(const DnsFacts& facts) {
  return facts.status != DnsStatus::temporary && facts.authenticated;
}

Trust trust_in(const std::string& exchanger, const DnsFacts& exchangers, Answers& answers) {
  Trust trust;
  trust.verifies = answers.find(RecordType::mx, kSignedName).authenticated;
  trust.way = is_verified(exchangers);
  for (const RecordType type : {RecordType::a, RecordType::aaaa}) {
    trust.way = trust.way && is_verified(answers.find(type, exchanger));
  }
  return trust;
}

std::string record_of(const std::string& name, const ServerCertificate* certificate) {
  return certificate == nullptr
             ? std::string()
             : publish(name, "TLSA",
                       base::zone_text(tls::record_of_key(certificate->chain.front())));
}

Finding without_records(const std::string& name, const DnsFacts& facts,
                        const ServerCertificate* certificate) {
  return {"tlsa", Status::ok,
          base::concat({"there are no TLSA records at ", name, ", which are optional",
                        facts.authenticated ? "" : " and count in signed zones alone"}),
          record_of(name, certificate)};
}

// Records that are signed, so that senders which verify keep to them.
Finding believed(const std::string& name, const DnsFacts& facts, const std::string& exchanger,
                 const ServerCertificate* certificate) {
  const auto& records = facts.tlsa;
  if (certificate == nullptr) {
    return {"tlsa", Status::critical,
            base::concat({"the records at ", name,
                          " promise TLS, but this host has no certificate, so senders that "
                          "verify do not deliver"}),
            "make a certificate: qmail-cert make; or take the records away"};
  }
  if (std::none_of(records.begin(), records.end(), base::usable_for_mail)) {
    return {"tlsa", Status::warning,
            base::concat({"senders use no record at ", name,
                          ", so none of them verifies this host: mail needs usage 3 or 2"}),
            record_of(name, certificate)};
  }
  const auto ours =
      std::count_if(records.begin(), records.end(), [&](const base::TlsaRecord& record) {
        return describes(record, *certificate, exchanger);
      });
  if (ours == 0) {
    return {"tlsa", Status::critical,
            base::concat({"no record at ", name, " describes ", certificate->path,
                          ", so senders that verify do not deliver"}),
            record_of(name, certificate)};
  }
  return {"tlsa", Status::ok,
          base::concat(
              {"the record at ", name, " describes ", certificate->path,
               records.size() == static_cast<std::size_t>(ours) ? "" : ", beside others"})};
}

// What is wrong with records that are not signed, or not known to be.
Finding doubted(const std::string& name, const DnsFacts& facts, const std::string& exchanger,
                const ServerCertificate* certificate, const Trust& trust) {
  Finding finding = believed(name, facts, exchanger, certificate);
  if (!trust.verifies) {
    // Senders may well know that they are signed.
    finding.status = worse(finding.status, Status::unknown);
    finding.text +=
        "; whether the zone is signed is not known, since the name servers of this host do "
        "not verify answers";
    return finding;
  }
  const bool fits = finding.status == Status::ok;
  finding.status = Status::warning;
  finding.text =
      base::concat({"senders ignore the records at ", name,
                    facts.authenticated
                        ? ", since the way to them is not signed: the MX records or addresses"
                        : ", since its zone is not signed",
                    fits ? "" : "; and they do not describe the certificate of this host"});
  finding.advice = base::concat(
      {"sign the zones with DNSSEC", fits ? "" : "; ", fits ? std::string() : finding.advice});
  return finding;
}

Finding finding_for(const std::string& exchanger, const DnsFacts& exchangers,
                    const Subject& subject, Answers& answers) {
  const std::string name = base::concat({"_25._tcp.", exchanger});
  const DnsFacts facts = answers.find(RecordType::tlsa, name);
  const ServerCertificate* const certificate = subject.host.certificates.find(exchanger);
  if (facts.status == DnsStatus::temporary) {
    return {"tlsa", Status::unknown,
            base::concat({"no name server tells about ", name,
                          "; senders that verify wait until one does"})};
  }
  if (facts.status == DnsStatus::nothing) {
    return without_records(name, facts, certificate);
  }
  const Trust trust = trust_in(exchanger, exchangers, answers);
  return facts.authenticated && trust.way ? believed(name, facts, exchanger, certificate)
                                          : doubted(name, facts, exchanger, certificate, trust);
}

}  // namespace

void check_tlsa(const Subject& subject, Answers& answers, Report& report) {
  const DnsFacts exchangers = answers.find(RecordType::mx, subject.domain);
  const std::vector<std::string> names =
      exchangers.status == DnsStatus::nothing ? std::vector{subject.domain} : exchangers.names;
  ask_addresses(names, answers);
  for (const std::string& name : names) {
    if (target_of(name, subject.host, answers) != Target::here) {
      continue;
    }
    if (!subject.host.certificates.trouble.empty()) {
      report.add({"tlsa", Status::unknown, subject.host.certificates.trouble,
                  "run this as root or as qmaild, or mend the certificate"});
      return;
    }
    report.add(finding_for(name, exchangers, subject, answers));
  }
}

}  // namespace reqmail::dnscheck
