// What becomes of a message by DMARC: the domain's policy, cut to what this host allows, or
// overridden by it (RFC 9989 section 7.4, RFC 9990 section 3.1.1.6).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "auth822/auth_word.h"
#include "auth822/dmarc_check.h"

namespace reqmail::auth822 {

struct DmarcSettings {
  // The strictest policy that is carried out.
  DmarcPolicy strictest = DmarcPolicy::none;
  // Domains of authors whose messages are spared, in lower case.
  std::vector<std::string> exempt_authors;
  // Domains that are believed about messages they have passed on, in lower case.
  std::vector<std::string> trusted_sealers;
};

// Why the disposition is not what the domain's policy says.
enum class DmarcOverride : std::uint8_t {
  none,
  policy_test_mode,
  trusted_forwarder,
  local_policy
};

// The word of RFC 9990; empty for none.
std::string_view override_word(DmarcOverride reason);

struct DmarcDisposition {
  DmarcPolicy action = DmarcPolicy::none;
  DmarcOverride reason = DmarcOverride::none;
};

// What is known of the message beside DMARC's result.
struct DmarcContext {
  std::string author;          // its domain
  bool client_exempt = false;  // the client or the sender is spared
  bool forwarder_vouches = false;
};

DmarcDisposition dmarc_disposition(const DmarcResult& result, const DmarcSettings& settings,
                                   const DmarcContext& context);

// Whether the newest ARC-Authentication-Results field says that the message once passed: by
// DMARC, or by SPF or DKIM for the author's domain. `value` is that of the field.
bool vouches_for(std::string_view value, std::string_view author);

}  // namespace reqmail::auth822
