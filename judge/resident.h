// qmail-mailauth for many sessions of qmail-smtpd: as a service of its own that waits at a
// socket, or kept by qmail-listen, which passes requests on. Each session gets a child, which
// is spared the start of a program and of OpenSSL's library (judge/dispatcher.h).
#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "base/result.h"
#include "judge/dispatcher.h"

namespace reqmail::judge {

// Serves sessions at this path until a signal ends the process: it keeps a dispatcher from the
// first connection on. Only root and the account of this process, which is qmaild if it was
// started as root, can connect. Returns only if it cannot begin or cannot wait any more.
Failure serve_at(const std::string& path);

// The only argument of a qmail-mailauth that qmail-listen keeps.
inline constexpr std::string_view kJudgeStays = "stay";

// Serves sessions whose connections come as descriptors of packets through `socket`, as a
// dispatcher that gets this old, or until all its other ends are closed. If it was started as
// root, it becomes qmaild. A Failure says that it cannot begin or cannot wait any more.
Result<void> serve_packets(int socket, std::chrono::milliseconds age = kDispatcherAge);

}  // namespace reqmail::judge
