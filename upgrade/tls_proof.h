// Whether the listeners of this host can use control/servercert.pem: each qmail-smtpd that a
// run script starts begins a handshake as that script's account.
#pragma once

#include <string>
#include <vector>

#include "upgrade/services.h"

namespace reqmail::upgrade {

// Accounts that run scripts start qmail-smtpd as, each once; qmaild where none is named.
std::vector<std::string> smtpd_accounts(const Services& services);

struct TlsProof {
  std::string account;
  // Why there is no TLS; empty where there is.
  std::string trouble;
};

// One for each of these accounts, with its own group alone, as tcpserver and setuidgid set it.
// None where there is no control/servercert.pem.
std::vector<TlsProof> prove_tls(const std::string& home,
                                const std::vector<std::string>& accounts);

}  // namespace reqmail::upgrade
