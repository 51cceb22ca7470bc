// Tests whether the listeners of this host can use control/servercert.pem: each qmail-smtpd
// that a run script starts begins a handshake as that script's account.
#pragma once

#include <string>
#include <vector>

#include "legacy/script_text.h"

namespace reqmail::upgrade {

struct TlsProof {
  std::string account;
  // The reason why there is no TLS; empty if there is.
  std::string trouble;
};

// Returns one result for each of these accounts, which tries each group that it would have in
// turn: a file that one group may read can be read by the process. The result is empty if there
// is no control/servercert.pem.
std::vector<TlsProof> prove_tls(const std::string& home,
                                const std::vector<legacy::RunsAs>& accounts);

}  // namespace reqmail::upgrade
