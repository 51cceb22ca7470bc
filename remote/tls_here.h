// TLS of qmail-remote in this process: its control files and its reports.
#pragma once

#include <memory>

#include "tls/start_tls.h"

namespace reqmail::remote {

// Reads control/tlsclientciphers and clientcert.pem when TLS is begun. The text of a Failure is
// for tls_report().
std::unique_ptr<tls::StartTls> remote_tls_here();

}  // namespace reqmail::remote
