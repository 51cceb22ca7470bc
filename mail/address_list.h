// Finds the addresses in the tokens of fields such as To, Cc and From.
#pragma once

#include <functional>
#include <vector>

#include "mail/token822.h"

namespace reqmail::mail {

// Gets the tokens of one address, without the angle brackets around it but with the comments
// between them, and may change them. If it returns false, the list is refused.
using AddressRewriter = std::function<bool(std::vector<Token>& address)>;

// Reads an address list (RFC 822 section 6.1, but more leniently) from right to left, passes each
// address to `rewrite` in that order, and replaces it by the result. Returns false if the list
// cannot be parsed or `rewrite` returns false.
//
// Every sequence of tokens can be parsed in one way at most. Between addresses:
//   '>'        begins an address in angle brackets. Every token up to the nearest '<' is part of
//              it, even another '>', commas, colons and comments. Without a '<' the list is
//              refused.
//   ';'        ends a group. The list is refused if the beginning of a group was expected.
//   ':'        begins the group; without a ';' the list is refused. The tokens on its left name
//              the group and are passed on unchanged up to the next comma.
//   ',' and comments are passed on.
//   Any other token is the last one of an address without angle brackets, even a '<'.
// On the left of a '<' is a phrase, whose atoms, quoted strings, comments, dots and '@' are
// passed on. Any other token, even a literal or a second '<', ends the phrase, and the rules
// above apply to it. An address without angle brackets continues with words, literals, dots,
// '@' and '<'. Two adjacent words are two addresses. A comma is inserted between them, and also
// between a ';' or '>' and such an address after it. The comments of such an address are moved
// to its right. A group that ends in ';' need not have a beginning.
bool rewrite_addresses(std::vector<Token>& tokens, const AddressRewriter& rewrite);

}  // namespace reqmail::mail
