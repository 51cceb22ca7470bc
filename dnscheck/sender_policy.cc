#include "auth822/spf_check.h"
#include "auth822/spf_evaluation.h"
#include "base/text.h"
#include "dnscheck/domain_checks.h"

namespace reqmail::dnscheck {

namespace {

using mail::SpfWord;

// An address of documentation (RFC 5737), which no sensible record has: with it all terms of a
// record are evaluated.
constexpr std::string_view kStranger = "203.0.113.254";

auth822::SpfResult evaluate(const Subject& subject, const base::IpAddress& client,
                            const std::string& hello, Answers& answers) {
  auth822::SpfRequest request;
  request.client = client;
  request.helo = hello;
  request.sender = base::concat({"postmaster@", subject.domain});
  request.receiver = subject.host.name;
  auth822::SpfCheck check(std::move(request));
  answer_all(check, answers);
  return check.result().value_or(auth822::SpfResult());
}

std::string mechanism_of(const base::IpAddress& address) {
  return base::concat({address.family() == base::Family::v4 ? "ip4:" : "ip6:", address.text()});
}

std::string whole_record(const Subject& subject) {
  std::string record = "\"v=spf1 mx";
  for (const SendingAddress& one : subject.host.addresses) {
    record += base::concat({" ", mechanism_of(one.address)});
  }
  return publish(subject.domain, "TXT", record + " ~all\"");
}

Finding finding_for(const Subject& subject, const SendingAddress& one, Answers& answers) {
  const std::string address = one.address.text();
  const auto result = evaluate(subject, one.address, one.hello, answers);
  switch (result.word) {
  case SpfWord::pass:
    return {"spf", Status::ok,
            base::concat({subject.domain, " lets ", address, " send its mail"})};
  case SpfWord::temperror:
    return {"spf", Status::unknown,
            base::concat({"not all records about ", subject.domain, " could be found"})};
  case SpfWord::permerror:
    return {"spf", Status::critical,
            base::concat(
                {"the record of ", subject.domain, " is malformed or needs too many look-ups"}),
            "keep to the grammar of RFC 7208 and to 10 look-ups"};
  case SpfWord::none:
    return {"spf", Status::warning, base::concat({subject.domain, " has no SPF record"}),
            whole_record(subject)};
  case SpfWord::neutral:
  case SpfWord::softfail:
  case SpfWord::fail:
    break;
  }
  return {
      "spf", result.word == SpfWord::neutral ? Status::warning : Status::critical,
      base::concat({subject.domain, " says ", mail::spf_word(result.word), " about ", address}),
      base::concat({"add to its SPF record: ", mechanism_of(one.address)})};
}

}  // namespace

void check_sender_policy(const Subject& subject, Answers& answers, Report& report) {
  const auto stranger =
      evaluate(subject, *base::IpAddress::parse(kStranger), "stranger.invalid", answers);
  if (stranger.word == SpfWord::pass) {
    report.add({"spf", Status::warning,
                base::concat({subject.domain, " lets every host send its mail"}),
                "end its SPF record with ~all or -all"});
  }
  if (stranger.word == SpfWord::permerror) {
    report.add({"spf", Status::critical,
                base::concat({"the record of ", subject.domain, ", evaluated to its end, is ",
                              stranger.lookups > auth822::kSpfLookupTermsMax
                                  ? "one that needs more than 10 look-ups"
                                  : "malformed"}),
                "keep to the grammar of RFC 7208 and to 10 look-ups"});
  } else if (stranger.lookups > 0) {
    report.add({"spf", Status::ok,
                base::concat({"the record needs ", std::to_string(stranger.lookups),
                              " of 10 look-ups"})});
  }
  for (const SendingAddress& one : subject.host.addresses) {
    report.add(finding_for(subject, one, answers));
  }
  if (subject.host.addresses.empty() && stranger.word == SpfWord::none) {
    report.add({"spf", Status::warning, base::concat({subject.domain, " has no SPF record"}),
                whole_record(subject)});
  }
}

}  // namespace reqmail::dnscheck
