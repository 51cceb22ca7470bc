// What the control files say about signing.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "control/check.h"
#include "sign/key_choice.h"

namespace reqmail::sign {

struct SignerSettings {
  SigningLists lists;
  // The name of this host in Authentication-Results fields.
  std::string service;
};

// Reads control/dkimkeys, dkimdomains, authservid and me below the current directory, which is
// qmail's home. The Failure has the text "control/FILE: why".
Result<SignerSettings> read_signer_settings();

// Returns the checks of lines in these files, for qmail-showctl --check.
std::vector<control::LineCheck> line_checks();

}  // namespace reqmail::sign
