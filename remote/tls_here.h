// TLS of qmail-remote in this process: its control files and its reports.
#pragma once

#include <memory>

#include "remote/tls_starter.h"

namespace reqmail::remote {

// Reads control/tlsclientciphers and clientcert.pem when TLS is first begun.
std::unique_ptr<TlsStarter> remote_tls_here();

}  // namespace reqmail::remote
