#include "judge/arc.h"

#include <utility>

#include "base/number.h"
#include "base/text.h"

namespace reqmail::judge {

using auth822::AuthWord;

ArcCheck::ArcCheck(const auth822::MessageHeader& header, BodyHashes& bodies)
    : header_(header), bodies_(bodies), chain_(read_arc_chain(header)) {
  if (chain_.sets.empty() || !chain_.problem.empty()) {
    return;
  }
  const auto& newest = *chain_.sets.back().message_signature.signature;
  body_ = bodies_.add(newest.body_form, newest.length);
  (void)facts_.find(auth822::RecordType::txt, newest.key_name());
  for (const auth822::ArcSet& set : chain_.sets) {
    (void)facts_.find(auth822::RecordType::txt, set.seal_signature.signature->key_name());
  }
}

SignatureVerdict ArcCheck::verify(const auth822::DkimSignature& signature,
                                  const std::string& text) const {
  const auth822::DnsFacts* const key =
      facts_.look(auth822::RecordType::txt, signature.key_name());
  return verify_signature(signature, key == nullptr ? auth822::DnsFacts() : *key, text);
}

SignatureVerdict ArcCheck::verify_message(const auth822::ArcSet& newest) const {
  const auth822::DkimSignature& signature = *newest.message_signature.signature;
  SignatureVerdict verdict =
      verify(signature, signed_header(header_, signature, *newest.message));
  if (verdict.word == AuthWord::pass &&
      (bodies_.hash(body_) != signature.body_hash || bodies_.is_short(body_))) {
    return {AuthWord::fail, "body hash does not match"};
  }
  return verdict;
}

// A signature that is bad decides, whatever could not be looked up.
std::optional<ArcResult> ArcCheck::find_fault() const {
  std::optional<ArcResult> unknown;
  const std::size_t newest = chain_.sets.size();
  for (std::size_t instance = newest + 1; instance > 0; --instance) {
    const bool is_seal = instance <= newest;
    const SignatureVerdict verdict =
        is_seal ? verify(*chain_.sets[instance - 1].seal_signature.signature,
                         sealed_text(chain_, instance))
                : verify_message(chain_.sets.back());
    if (verdict.word == AuthWord::pass || (verdict.word == AuthWord::temperror && unknown)) {
      continue;
    }
    const std::string what =
        is_seal ? "seal " + base::decimal(instance) : std::string("newest message signature");
    ArcResult result{verdict.word, base::concat({what, ": ", verdict.why})};
    if (verdict.word != AuthWord::temperror) {
      result.word = AuthWord::fail;
      return result;
    }
    unknown = std::move(result);
  }
  return unknown;
}

ArcResult ArcCheck::result() const {
  if (chain_.sets.empty()) {
    return {};
  }
  if (!chain_.problem.empty()) {
    return {AuthWord::fail, chain_.problem};
  }
  if (auto fault = find_fault()) {
    return *std::move(fault);
  }
  return {AuthWord::pass,
          {},
          chain_.sets.size(),
          chain_.sets.back().seal_signature.signature->domain,
          std::string(chain_.sets.back().results->value())};
}

}  // namespace reqmail::judge
