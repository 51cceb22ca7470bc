#include "auth/challenge.h"

#include <algorithm>
#include <string>

#include "base/ascii.h"
#include "base/md5.h"
#include "base/text.h"
#include "base/wipe.h"

namespace reqmail::auth {

bool same_bytes(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) {
    return false;
  }
  unsigned difference = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    const auto left = static_cast<unsigned char>(a[i]);
    const auto right = static_cast<unsigned char>(b[i]);
    difference |= static_cast<unsigned>(left ^ right);
  }
  return difference == 0;
}

bool is_digest(std::string_view text) {
  return text.size() == 2 * base::kMd5Size && std::all_of(text.begin(), text.end(), [](char c) {
           return base::is_digit(c) || (c >= 'a' && c <= 'f');
         });
}

bool answers_challenge(std::string_view secret, std::string_view challenge,
                       std::string_view digest) {
  std::string both = base::concat({challenge, secret});
  const bool cram = same_bytes(base::hmac_md5_hex(secret, challenge), digest);
  const bool apop = same_bytes(base::md5_hex(both), digest);
  base::wipe(both);
  return cram || apop;
}

}  // namespace reqmail::auth
