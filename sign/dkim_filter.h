// The work of qmail-dkim, a program of patched qmails that signs or checks a message on its way
// through a queue program or a filter (qmail-dkim(8)).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "sign/settings.h"

namespace reqmail::sign {

// What the environment asks for.
struct FilterRequest {
  std::optional<std::string> key;      // DKIMSIGN: a path, in which '%' is the author's domain
  std::string options;                 // DKIMSIGNOPTIONS
  std::optional<std::string> refused;  // DKIMVERIFY: letters of results
  bool no_dkim = false;                // NODKIM
};

// Returns the settings to sign with the key of the request; a permanent Failure if its options
// make no sense. `service` is the name of this host in Authentication-Results fields.
Result<SignerSettings> filter_settings(const FilterRequest& request, std::string service);

// The letter of DKIMVERIFY for a result of DKIM, in capitals: `result` is what follows "dkim="
// in a line of qmail-mailauth.
char verify_letter(std::string_view result);

// Decides about the results of qmail-mailauth check. A letter among `refused` in capitals
// refuses the message for good, a small one for now; the Failure's text says why.
Result<void> judge_results(std::string_view results, std::string_view refused);

}  // namespace reqmail::sign
