#include "judge/signatures.h"

#include <algorithm>
#include <utility>

#include "crypto/public_key.h"

namespace reqmail::judge {

using auth822::AuthWord;

namespace {

// How much of a body is put into its canonical form at a time. A process touches little memory
// for it, which matters because one that judges a message begins without any.
constexpr std::size_t kStep = 2048;

std::optional<crypto::PublicKey> public_key(const auth822::DkimKey& key) {
  return key.algorithm == auth822::SignatureAlgorithm::ed25519_sha256
             ? crypto::PublicKey::ed25519(key.bytes)
             : crypto::PublicKey::rsa(key.bytes);
}

}  // namespace

SignatureVerdict verify_signature(const auth822::DkimSignature& signature,
                                  const auth822::DnsFacts& key_facts, std::string_view text) {
  if (key_facts.status == auth822::DnsStatus::temporary) {
    return {AuthWord::temperror, "key could not be looked up"};
  }
  const auto found = find_dkim_key(key_facts.texts, signature);
  if (!found.key) {
    return {AuthWord::permerror, found.problem};
  }
  const auto key = public_key(*found.key);
  if (!key) {
    return {AuthWord::permerror, "p= is no key"};
  }
  const bool rsa = found.key->algorithm == auth822::SignatureAlgorithm::rsa_sha256;
  if (rsa && (key->bits() < crypto::kRsaBitsMin || key->bits() > crypto::kRsaBitsMax)) {
    return {AuthWord::permerror, "RSA key is too short or too long"};
  }
  const AuthWord failure = found.key->testing ? AuthWord::neutral : AuthWord::fail;
  if (!key->verify(text, signature.signature)) {
    return {failure, "bad signature", failure};
  }
  return {AuthWord::pass, {}, failure};
}

std::size_t BodyHashes::add(auth822::Canonical form, std::optional<std::uint64_t> length) {
  const bool known = std::any_of(forms_.begin(), forms_.end(),
                                 [form](const Form& one) { return one.kind == form; });
  if (!known) {
    forms_.emplace_back(form);
  }
  for (std::size_t at = 0; at < hashes_.size(); ++at) {
    if (hashes_[at].form == form && hashes_[at].length == length) {
      return at;
    }
  }
  hashes_.push_back({form, length, crypto::Sha256(), {}});
  return hashes_.size() - 1;
}

void BodyHashes::feed(std::string_view piece) {
  for (; !piece.empty(); piece.remove_prefix(std::min(kStep, piece.size()))) {
    for (Form& form : forms_) {
      form.body.feed(piece.substr(0, kStep), form.text);
      drain(form);
    }
  }
}

void BodyHashes::end() {
  for (Form& form : forms_) {
    form.body.end(form.text);
    drain(form);
  }
  for (Hash& hash : hashes_) {
    hash.bytes = hash.digest.finish();
  }
}

void BodyHashes::drain(Form& form) {
  for (Hash& hash : hashes_) {
    if (hash.form != form.kind) {
      continue;
    }
    std::string_view text = form.text;
    if (hash.length) {
      const std::uint64_t left = *hash.length > form.size ? *hash.length - form.size : 0;
      text =
          text.substr(0, static_cast<std::size_t>(std::min<std::uint64_t>(left, text.size())));
    }
    hash.digest.update(text);
  }
  form.size += form.text.size();
  form.text.clear();
}

const BodyHashes::Form& BodyHashes::form_of(const Hash& hash) const {
  return *std::find_if(forms_.begin(), forms_.end(),
                       [&hash](const Form& one) { return one.kind == hash.form; });
}

const std::string& BodyHashes::hash(std::size_t number) const {
  return hashes_[number].bytes;
}

bool BodyHashes::leaves_out(std::size_t number) const {
  const Hash& hash = hashes_[number];
  return hash.length && *hash.length < form_of(hash).size;
}

bool BodyHashes::is_short(std::size_t number) const {
  const Hash& hash = hashes_[number];
  return hash.length && *hash.length > form_of(hash).size;
}

}  // namespace reqmail::judge
