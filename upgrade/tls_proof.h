// Whether the listeners of this host can use control/servercert.pem: each qmail-smtpd that a
// run script starts begins a handshake as that script's account.
#pragma once

#include <string>
#include <vector>

#include "legacy/script_text.h"

namespace reqmail::upgrade {

struct TlsProof {
  std::string account;
  // Why there is no TLS; empty where there is.
  std::string trouble;
};

// One for each of these, with one after the other of the groups that it would have: what one of
// them may read, all of them may. None where there is no control/servercert.pem.
std::vector<TlsProof> prove_tls(const std::string& home,
                                const std::vector<legacy::RunsAs>& accounts);

}  // namespace reqmail::upgrade
