// What the control files say about signing.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "control/check.h"
#include "sign/key_choice.h"

namespace reqmail::sign {

struct SignerSettings {
  // Whether messages are signed with DKIM.
  bool dkim = true;
  SigningLists lists;
  // The only key, instead of those of the lists and of control/domainkeys.
  std::optional<SigningKey> only = std::nullopt;
  // The first entry has the key for ARC; empty: no set is added.
  std::vector<SigningEntry> arcseal;
  // The name of this host in Authentication-Results fields.
  std::string service;
};

// Reads control/arcseal, dkimkeys, dkimdomains, authservid and me below the current directory, which is
// qmail's home. The Failure has the text "control/FILE: why".
Result<SignerSettings> read_signer_settings();

// Returns the checks of lines in these files, for qmail-showctl --check.
std::vector<control::LineCheck> line_checks();

}  // namespace reqmail::sign
