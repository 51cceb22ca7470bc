// Answers to challenges, CRAM-MD5 (RFC 2195) and APOP (RFC 1939): the server must know the
// secret itself.
#pragma once

#include <string_view>

namespace reqmail::auth {

// Whether two texts are the same, in a time that tells nothing about where they differ.
bool same_bytes(std::string_view a, std::string_view b);

// Whether it has the form of an answer: 32 hexadecimal digits in lower case.
bool is_digest(std::string_view text);

// Whether `digest` proves that its sender knows the secret: HMAC-MD5 of the challenge with the
// secret as key (CRAM-MD5), or MD5 of the challenge and the secret (APOP). Nothing says which
// of the two a caller of checkpassword means, so both are tried.
bool answers_challenge(std::string_view secret, std::string_view challenge,
                       std::string_view digest);

}  // namespace reqmail::auth
