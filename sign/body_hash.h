// The hash of a body in a canonical form, for bh= (RFC 6376 section 3.7).
#pragma once

#include <string>
#include <string_view>

#include "auth822/canonical.h"
#include "crypto/digest.h"

namespace reqmail::sign {

class BodyHash {
 public:
  explicit BodyHash(auth822::Canonical form) : form_(form), body_(form) {}

  // Adds a piece, whose lines end in LF.
  void feed(std::string_view piece);

  // Returns the 32 bytes; nothing may be added afterwards.
  std::string finish();

  [[nodiscard]] auth822::Canonical form() const { return form_; }

 private:
  void drain();

  auth822::Canonical form_;
  auth822::CanonicalBody body_;
  crypto::Sha256 digest_;
  std::string text_;
};

}  // namespace reqmail::sign
