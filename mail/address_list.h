// The addresses in a list of tokens: To, Cc, From and the like.
#pragma once

#include <functional>
#include <vector>

#include "mail/token822.h"

namespace reqmail::mail {

// Gets the tokens of one address, without angle brackets and comments, and may change them.
// False: the list is refused.
using AddressRewriter = std::function<bool(std::vector<Token>& address)>;

// Reads an address list (RFC 822 section 6.1, more leniently) from right to left, gives each
// address to `rewrite` in that order and puts what it makes of it in place. Two words side by
// side are two addresses, and get the comma between them; the comments of an address without
// angle brackets go behind it. False where the list cannot be read or `rewrite` said so: a
// colon outside a group, a group in a group, a '>' without '<', a literal in a phrase.
bool rewrite_addresses(std::vector<Token>& tokens, const AddressRewriter& rewrite);

}  // namespace reqmail::mail
