// A DKIM-Signature field, or an ARC-Message-Signature, which has the same tags (RFC 6376
// section 3.5, RFC 8617 section 4.1.2).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "auth822/canonical.h"
#include "auth822/message_header.h"

namespace reqmail::auth822 {

enum class SignatureAlgorithm { rsa_sha256, ed25519_sha256 };

// What a field says about itself, as far as it could be read; for reports.
struct SignatureLabels {
  std::string algorithm;
  std::string domain;
  std::string selector;
  std::string identity;
  std::string signature_start;  // the first 8 characters of b=
};

struct DkimSignature {
  SignatureAlgorithm algorithm = SignatureAlgorithm::rsa_sha256;
  Canonical header_form = Canonical::simple;
  Canonical body_form = Canonical::simple;
  std::string domain;    // d=, in lower case
  std::string selector;  // s=, in lower case
  // The domain of i=, in lower case; d= if there is no i=.
  std::string identity_domain;
  std::vector<std::string> names;  // h=, in lower case
  std::string signature;           // b=, decoded
  std::string body_hash;           // bh=, decoded
  std::optional<std::uint64_t> length;
  std::optional<std::uint64_t> time;
  std::optional<std::uint64_t> expires;

  // The name whose TXT record has the key.
  [[nodiscard]] std::string key_name() const;
};

// A field that was read: a signature, or why there is none to verify.
struct SignatureField {
  SignatureLabels labels;
  std::optional<DkimSignature> signature;
  std::string problem;
};

SignatureField parse_dkim_signature(const RawField& field);

// The same without v= and i=, whose meaning ARC gives to the instance.
SignatureField parse_arc_message_signature(const RawField& field);

// a=, d=, s=, b= of a seal.
SignatureField parse_arc_seal(const RawField& field);

// The field with the value of its b= tag taken out.
RawField without_signature(const RawField& field);

// What is signed: the fields of h=, each from the bottom up, and the signature's own field
// without its value and line end. `own` is one of the fields of the header.
std::string signed_header(const MessageHeader& header, const DkimSignature& signature,
                          const RawField& own);

}  // namespace reqmail::auth822
