// The work of qmail-cert install: puts a certificate from an ACME client or a CA into the file
// that servers read.
#pragma once

#include <string>

#include "base/result.h"
#include "base/time.h"
#include "tls/pem_file.h"

namespace reqmail::cert {

// Two PEM files as they were given; they may be the same file.
struct NewPair {
  std::string chain_file;
  std::string key_file;
  tls::PemFile chain;  // the certificate, then the certificates that lead to its CA
  tls::PemFile key;
};

Result<NewPair> load_pair(const std::string& chain_file, const std::string& key_file);

struct InstallOptions {
  std::string server;   // the name in control/servercerts; empty means control/servercert.pem
  bool anyway = false;  // names, dates and the chain need not be valid
};

// Installs the pair and returns a text for the user; a Failure leaves everything unchanged.
Result<std::string> install_pair(const NewPair& pair, const InstallOptions& options,
                                 base::Time now);

}  // namespace reqmail::cert
