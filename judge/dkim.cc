#include "judge/dkim.h"

#include <utility>

namespace reqmail::judge {

using auth822::AuthWord;
using auth822::RecordType;

DkimCheck::DkimCheck(const auth822::MessageHeader& header, std::uint64_t time,
                     BodyHashes& bodies)
    : header_(header), time_(time), bodies_(bodies) {
  for (const auth822::RawField* const field : header.named("dkim-signature")) {
    Entry entry{field, {}, 0};
    if (entries_.size() >= kSignaturesMax) {
      entries_.push_back(std::move(entry));
      continue;
    }
    entry.parsed = parse_dkim_signature(*field);
    if (const auto& signature = entry.parsed.signature) {
      entry.body = bodies_.add(signature->body_form, signature->length);
      (void)facts_.find(RecordType::txt, signature->key_name());
    }
    entries_.push_back(std::move(entry));
  }
}

std::vector<DkimResult> DkimCheck::results() const {
  std::vector<DkimResult> results;
  for (const Entry& entry : entries_) {
    results.push_back(results.size() < kSignaturesMax
                          ? result_of(entry)
                          : DkimResult{AuthWord::policy, "too many signatures", {}, {}});
  }
  if (results.empty()) {
    results.emplace_back();
  }
  return results;
}

DkimResult DkimCheck::result_of(const Entry& entry) const {
  SignatureVerdict verdict = verdict_on(entry);
  const auto& signature = entry.parsed.signature;
  return {verdict.word, std::move(verdict.why), entry.parsed.labels,
          signature ? signature->domain : std::string()};
}

SignatureVerdict DkimCheck::verdict_on(const Entry& entry) const {
  if (!entry.parsed.signature) {
    return {AuthWord::permerror, entry.parsed.problem};
  }
  const auth822::DkimSignature& signature = *entry.parsed.signature;
  const auth822::DnsFacts* const key = facts_.look(RecordType::txt, signature.key_name());
  if (key == nullptr) {
    return {AuthWord::temperror, "key could not be looked up"};
  }
  SignatureVerdict verdict =
      verify_signature(signature, *key, signed_header(header_, signature, *entry.field));
  if (verdict.word != AuthWord::pass) {
    return verdict;
  }
  if (bodies_.hash(entry.body) != signature.body_hash || bodies_.is_short(entry.body)) {
    return {verdict.failure, "body hash does not match"};
  }
  if (signature.expires && *signature.expires < time_) {
    return {verdict.failure, "signature has expired"};
  }
  if (bodies_.leaves_out(entry.body)) {
    return {AuthWord::policy, "l= leaves out bytes of the body"};
  }
  return verdict;
}

}  // namespace reqmail::judge
