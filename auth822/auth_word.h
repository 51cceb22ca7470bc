// Results of DKIM, ARC and DMARC, as Authentication-Results says them (RFC 8601 section 2.7).
#pragma once

#include <string_view>

namespace reqmail::auth822 {

enum class AuthWord { none, pass, fail, policy, neutral, temperror, permerror };

constexpr std::string_view auth_word(AuthWord word) {
  switch (word) {
  case AuthWord::none:
    return "none";
  case AuthWord::pass:
    return "pass";
  case AuthWord::fail:
    return "fail";
  case AuthWord::policy:
    return "policy";
  case AuthWord::neutral:
    return "neutral";
  case AuthWord::temperror:
    return "temperror";
  case AuthWord::permerror:
    break;
  }
  return "permerror";
}

}  // namespace reqmail::auth822
