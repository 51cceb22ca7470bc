// TLS of qmail-remote in this process: its control files and its reports.
#pragma once

#include <memory>
#include <string>

#include "base/result.h"
#include "tls/start_tls.h"

namespace reqmail::remote {

// control/tlsclientciphers as one list, empty if there is none. The text of a Failure is for
// tls_report().
Result<std::string> read_client_ciphers();

// Reads clientcert.pem when TLS is begun, and fails then if `ciphers` is a Failure. The text of
// a Failure is for tls_report().
std::unique_ptr<tls::StartTls> remote_tls_here(Result<std::string> ciphers);

}  // namespace reqmail::remote
