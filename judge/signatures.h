// Signatures of one message, DKIM's and those of ARC message signatures: body hashes while the
// body comes, keys from the DNS, the verdict on each.
#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "auth822/auth_word.h"
#include "auth822/canonical.h"
#include "auth822/dkim_key.h"
#include "auth822/dkim_signature.h"
#include "auth822/dns_facts.h"
#include "auth822/message_header.h"
#include "crypto/digest.h"

namespace reqmail::judge {

struct SignatureVerdict {
  auth822::AuthWord word = auth822::AuthWord::permerror;
  std::string why;
  // The word for a failure: neutral if the domain only tries DKIM out.
  auth822::AuthWord failure = auth822::AuthWord::fail;
};

// Whether the signature of `text` is good, by the key that the DNS has for it.
SignatureVerdict verify_signature(const auth822::DkimSignature& signature,
                                  const auth822::DnsFacts& key_facts, std::string_view text);

// The hashes of one body in all the forms that signatures ask for.
class BodyHashes {
 public:
  // Returns the number under which the hash can be asked for later. Before the first piece.
  std::size_t add(auth822::Canonical form, std::optional<std::uint64_t> length);

  void feed(std::string_view piece);
  void end();

  [[nodiscard]] const std::string& hash(std::size_t number) const;

  // Bytes of the body that this hash leaves out, and whether the body is shorter than its
  // length says.
  [[nodiscard]] bool leaves_out(std::size_t number) const;
  [[nodiscard]] bool is_short(std::size_t number) const;

 private:
  struct Form {
    explicit Form(auth822::Canonical form) : body(form), kind(form) {}

    auth822::CanonicalBody body;
    auth822::Canonical kind;
    std::string text;
    std::uint64_t size = 0;
  };

  struct Hash {
    auth822::Canonical form;
    std::optional<std::uint64_t> length;
    crypto::Sha256 digest;
    std::string bytes;
  };

  void drain(Form& form);
  [[nodiscard]] const Form& form_of(const Hash& hash) const;

  std::vector<Form> forms_;
  std::deque<Hash> hashes_;
};

}  // namespace reqmail::judge
