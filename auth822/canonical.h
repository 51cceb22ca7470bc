// Canonical forms of fields and bodies (RFC 6376 section 3.4). Input lines end in LF, output
// lines in CR LF; a bare CR is a byte like any other.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "auth822/message_header.h"

namespace reqmail::auth822 {

enum class Canonical { simple, relaxed };

// A field with its line end.
std::string canonical_field(const RawField& field, Canonical form);

// A body that comes in pieces.
class CanonicalBody {
 public:
  explicit CanonicalBody(Canonical form) : form_(form) {}

  // Adds the canonical form of the piece to `out`, as far as it is decided.
  void feed(std::string_view piece, std::string& out);

  // Adds what the end of the body decides.
  void end(std::string& out);

 private:
  // Adds bytes that the form leaves as they are.
  void put(std::string_view run, std::string& out);

  Canonical form_;
  // Line ends that count only if something follows them.
  std::size_t line_ends_ = 0;
  bool blanks_ = false;
  bool empty_ = true;
};

}  // namespace reqmail::auth822
