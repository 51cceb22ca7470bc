// The addresses in a list of tokens: To, Cc, From and the like.
#pragma once

#include <functional>
#include <vector>

#include "mail/token822.h"

namespace reqmail::mail {

// Gets the tokens of one address and may change them: without the angle brackets around it, but
// with the comments between them. False: the list is refused.
using AddressRewriter = std::function<bool(std::vector<Token>& address)>;

// Reads an address list (RFC 822 section 6.1, more leniently) from right to left, gives each
// address to `rewrite` in that order and puts what it makes of it in place.
//
// Every sequence of tokens has one reading, or none (false). Between addresses:
//   '>'        begins an address in angle brackets: every token up to the nearest '<' is part of
//              it, a further '>', commas, colons and comments included. None without a '<'.
//   ';'        ends a group; none where the beginning of one is still being looked for.
//   ':'        begins the group, and is none without its ';'. What is left of it names the group
//              and is passed on unread up to the next comma.
//   ',' and comments are passed on.
//   all else   is the last token of an address without angle brackets, even a '<'.
// Left of a '<' is a phrase: atoms, quoted strings, comments, dots and '@' are passed on. With
// any other token, a literal or a second '<' too, it is over, and the list goes on as above.
// An address without angle brackets goes on with words, literals, dots, '@' and '<'. Two words
// side by side are two addresses; these, and an address in front of ';' or behind '>', get a
// comma between them. Its comments go behind it.
// A ';' need not have its group. Also false: `rewrite` said so.
bool rewrite_addresses(std::vector<Token>& tokens, const AddressRewriter& rewrite);

}  // namespace reqmail::mail
