// Which keys sign the messages of a domain.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "sign/signing_lists.h"

namespace reqmail::sign {

struct SigningLists {
  std::vector<SigningEntry> dkimkeys;
  std::vector<SigningEntry> dkimdomains;
};

// Returns the keys for a domain: those of its lines in dkimkeys, else in dkimdomains, else
// control/domainkeys/DOMAIN/default and ed25519, as far as they are there; if it has none,
// those of the nearest parent domain with two labels or more; else those of the lines for all
// other domains. None: messages of the domain are not signed. The Failure has the text "PATH:
// why" and says that it is not known whether a file is there. Reads below the current
// directory, which is qmail's home.
Result<std::vector<SigningKey>> choose_keys(const SigningLists& lists, std::string_view domain);

// Returns the key at a path for a domain. If the path has a '%', the domain and then its
// parents with two labels or more stand in its place, and there is no key if none of these
// files exists.
Result<std::vector<SigningKey>> choose_named_key(const SigningKey& named,
                                                 std::string_view domain);

}  // namespace reqmail::sign
