// Addresses with UTF-8 in ASCII, as parameters of SMTP and reports have them under the type
// "utf-8" (RFC 6533 section 3): a character may be written as \x{HEX}.
#pragma once

#include <string>
#include <string_view>

namespace reqmail::mail {

// Returns an address, which must be UTF-8, with everything in that form that is not printable
// ASCII or has a meaning in xtext.
std::string unicode_xtext(std::string_view address);

// Returns a text, which must be UTF-8, with the characters outside ASCII in that form.
std::string without_raw_unicode(std::string_view text);

}  // namespace reqmail::mail
