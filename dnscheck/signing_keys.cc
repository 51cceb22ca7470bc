#include <algorithm>
#include <optional>

#include "auth822/tag_list.h"
#include "base/base64.h"
#include "base/text.h"
#include "dnscheck/domain_checks.h"

namespace reqmail::dnscheck {

namespace {

using auth822::DnsFacts;
using auth822::DnsStatus;
using auth822::RecordType;

// Many receivers take shorter keys for weak (RFC 8301 section 3.2).
constexpr std::size_t kGoodRsaBits = 2048;

// The most bytes before the RSAPublicKey in a SubjectPublicKeyInfo, which ends with it.
constexpr std::size_t kKeyInfoHead = 32;

// The record of an RSA key may have either form.
bool is_same_key(const OwnKey& key, const std::string& published) {
  return published == key.public_bytes ||
         (key.rsa && published.size() + kKeyInfoHead > key.public_bytes.size() &&
          key.public_bytes.ends_with(published));
}

Finding finding_for(const OwnKey& key, Answers& answers) {
  const std::string name = base::concat({key.selector, "._domainkey.", key.domain});
  const std::string advice = base::concat({"publish: ", key.zone_line});
  const DnsFacts facts = answers.find(RecordType::txt, name);
  if (facts.status == DnsStatus::temporary) {
    return {"dkim", Status::unknown, base::concat({"no name server tells the key at ", name})};
  }
  if (facts.status == DnsStatus::nothing) {
    return {"dkim", Status::critical,
            base::concat({"messages are signed with a key that is not at ", name}), advice};
  }
  if (facts.texts.size() > 1) {
    return {"dkim", Status::critical,
            base::concat({name, " has ", std::to_string(facts.texts.size()),
                          " TXT records, of which receivers take any"}),
            "leave one"};
  }
  const auto tags = auth822::TagList::parse(facts.texts.front());
  const auto packed = tags ? tags->packed("p") : std::nullopt;
  if (!packed) {
    return {"dkim", Status::critical, base::concat({"the record at ", name, " is malformed"}),
            advice};
  }
  if (packed->empty()) {
    return {"dkim", Status::critical,
            base::concat({"the key at ", name, " is revoked, but signs messages"}), advice};
  }
  const auto published = base::decode_base64(*packed);
  const std::string_view kind = tags->get("k").value_or("rsa");
  if (!published || !is_same_key(key, *published) || kind != (key.rsa ? "rsa" : "ed25519")) {
    return {"dkim", Status::critical,
            base::concat({"the record at ", name, " is that of another key"}), advice};
  }
  const auto flags = auth822::colon_list(tags->get("t").value_or(""));
  if (std::find(flags.begin(), flags.end(), "y") != flags.end()) {
    return {"dkim", Status::warning,
            base::concat({"the record at ", name,
                          " says that the domain tries DKIM out (t=y), so receivers may ignore "
                          "signatures"}),
            "publish it without t=y"};
  }
  if (key.rsa && key.bits < kGoodRsaBits) {
    return {"dkim", Status::warning,
            base::concat({"the key at ", name, " has ", std::to_string(key.bits), " bits"}),
            "make one of 2048 bits under a new selector: dknewkey"};
  }
  return {"dkim", Status::ok, base::concat({"the record at ", name, " is that of our key"})};
}

}  // namespace

void check_signing_keys(const Subject& subject, Answers& answers, Report& report) {
  if (!subject.key_trouble.empty()) {
    report.add({"dkim", Status::unknown, subject.key_trouble,
                "run this as root or as a member of the group qmail"});
    return;
  }
  if (subject.keys.empty()) {
    report.add({"dkim", Status::warning,
                base::concat({"messages of ", subject.domain, " are not signed"}),
                base::concat({"make a key: dknewkey -e -d ", subject.domain})});
  }
  for (const OwnKey& key : subject.keys) {
    report.add(finding_for(key, answers));
  }
}

}  // namespace reqmail::dnscheck
