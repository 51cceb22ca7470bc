// Responses to the challenges of CRAM-MD5 (RFC 2195) and APOP (RFC 1939), for which the server
// must have the secret itself.
#pragma once

#include <string_view>

namespace reqmail::auth {

// Returns whether two texts are equal. The time it takes does not depend on where they differ.
bool same_bytes(std::string_view a, std::string_view b);

// Returns whether a text has the form of a response: 32 hexadecimal digits in lower case.
bool is_digest(std::string_view text);

// Returns whether `digest` proves that its sender knows the secret: it is HMAC-MD5 of the
// challenge with the secret as key (CRAM-MD5), or MD5 of the challenge and the secret (APOP).
// The interface of checkpassword does not say which of the two is meant, so both are tried.
bool answers_challenge(std::string_view secret, std::string_view challenge,
                       std::string_view digest);

}  // namespace reqmail::auth
