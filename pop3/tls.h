// How a POP3 login comes to be in TLS.
#pragma once

#include <memory>

#include "tls/start_tls.h"

namespace reqmail::pop3 {

// By bin/qmail-popup-tls, a child: if control/servercert.pem of qmail's home exists and neither
// DISABLETLS nor UCSPITLS forbids it.
std::unique_ptr<tls::StartTls> pop3_tls_by_child();

// By the listener if UCSPITLS says that it can, otherwise by the child.
std::unique_ptr<tls::StartTls> pop3_tls();

}  // namespace reqmail::pop3
