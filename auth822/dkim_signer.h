// The making of DKIM signatures and ARC message signatures (RFC 6376 section 5, RFC 8617
// section 5.1): which fields are signed, the text to sign, the finished field.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "auth822/canonical.h"
#include "auth822/dkim_signature.h"
#include "auth822/message_header.h"

namespace reqmail::auth822 {

struct SignatureRequest {
  SignatureAlgorithm algorithm = SignatureAlgorithm::rsa_sha256;
  Canonical header_form = Canonical::relaxed;
  Canonical body_form = Canonical::relaxed;
  std::string domain;                    // d=
  std::string selector;                  // s=
  std::optional<std::string> identity;   // i= of DKIM
  std::uint64_t time = 0;                // t=, in seconds since 1970
  std::optional<std::uint64_t> expires;  // x=
};

// Returns the names for h=: those of the fields that say who wrote what to whom, as often as
// they are there, and some once more, so that nobody can add one. Trace fields, which change on
// the way, are not among them.
std::vector<std::string> names_to_sign(const MessageHeader& header);

// Text for a= .
std::string_view algorithm_name(SignatureAlgorithm algorithm);

// A field that ends in a tag b= without value.
class UnsignedField {
 public:
  // Tags and values, b= not among them. Lists are folded after colons.
  using Tags = std::vector<std::pair<std::string_view, std::string>>;

  UnsignedField(std::string_view name, const Tags& tags);

  [[nodiscard]] const RawField& field() const { return field_; }

  // Returns the whole field with its line end.
  [[nodiscard]] std::string with(std::string_view signature) const;

 private:
  RawField field_;
};

// One signature of a message.
class MessageSignature {
 public:
  // `body_hash` is the SHA-256 hash of the body in its form. `header` is not needed later.
  static MessageSignature dkim(const MessageHeader& header, const SignatureRequest& request,
                               std::string_view body_hash);
  static MessageSignature arc(const MessageHeader& header, const SignatureRequest& request,
                              std::string_view body_hash, std::size_t instance);

  // What the key signs.
  [[nodiscard]] const std::string& text() const { return text_; }

  // Returns the whole field with its line end.
  [[nodiscard]] std::string field(std::string_view signature) const {
    return field_.with(signature);
  }

 private:
  MessageSignature(UnsignedField field, const MessageHeader& header,
                   const SignatureRequest& request, std::vector<std::string> names);

  UnsignedField field_;
  std::string text_;
};

}  // namespace reqmail::auth822
