// Any bytes as the value of an address field: when the completed list is read again, it has the
// same addresses and is printed in the same way, with two exceptions that come from netqmail.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "mail/address_defaults.h"
#include "mail/address_list.h"
#include "mail/token822.h"

namespace {

using reqmail::mail::AddressDefaults;
using reqmail::mail::Token;

struct Pass {
  bool accepted = false;
  std::string printed;
  std::vector<std::string> addresses;
};

Pass pass(std::string_view value, bool complete) {
  static const AddressDefaults kDefaults = *AddressDefaults::parse("h.d", "d", "p.d");
  Pass result;
  auto tokens = reqmail::mail::tokenize(value);
  if (!tokens) {
    return result;
  }
  result.accepted = reqmail::mail::rewrite_addresses(*tokens, [&](std::vector<Token>& address) {
    if (complete) {
      kDefaults.complete(address);
    }
    // An address that became empty leaves no text that could be read again.
    if (std::string plain = reqmail::mail::plain_text(address); !plain.empty()) {
      result.addresses.push_back(std::move(plain));
    }
    return true;
  });
  if (result.accepted) {
    result.printed = reqmail::mail::print_field("To", *tokens);
  }
  return result;
}

void require(bool condition) {
  if (!condition) {
    std::abort();
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const Pass first = pass(text, true);
  if (!first.accepted) {
    return 0;
  }
  require(first.printed.ends_with('\n'));
  const Pass second = pass(std::string_view(first.printed).substr(3), false);
  // An unclosed '<' is read again as an angle bracket if the default host was put after it, and
  // an atom is printed without the backslash before a comma, colon or at sign.
  if (text.find_first_of("<\\") == std::string_view::npos) {
    require(second.accepted);
    require(second.printed == first.printed);
    require(second.addresses == first.addresses);
  }
  return 0;
}
