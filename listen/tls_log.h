// Lines about TLS that did not come about, on standard error.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace reqmail::listen {

// "PROGRAM[PID]: tls: IP WHY", with TCPREMOTEIP, or "unknown".
void log_tls(std::string_view program, std::string_view why);

// Why a handshake failed, as such a line says it.
std::string handshake_failed(const Failure& failure);

}  // namespace reqmail::listen
