// qmail-mailauth for many sessions of qmail-smtpd: as a service of its own that waits at a
// socket, or kept by qmail-listen, which passes requests on. Each session gets a child, which
// is spared the start of a program and of OpenSSL's library.
#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "base/result.h"

namespace reqmail::judge {

// The most sessions at a time. One that comes then is refused at once, and qmail-smtpd starts a
// qmail-mailauth of its own.
inline constexpr unsigned kResidentSessions = 500;

// Serves sessions at this path until a signal ends the process. Only root and the account of
// this process, which is qmaild if it was started as root, can connect. Returns only if it
// cannot begin or cannot wait any more.
Failure serve_at(const std::string& path);

// The only argument of a qmail-mailauth that qmail-listen keeps.
inline constexpr std::string_view kJudgeStays = "stay";

// How long it stays without a session.
inline constexpr std::chrono::minutes kIdle{5};

// Serves sessions whose connections come as descriptors of packets through `socket`, until all
// its other ends are closed or there has been no session for `idle`. If it was started as root,
// it becomes qmaild. A Failure says that it cannot begin or cannot wait any more.
Result<void> serve_packets(int socket, std::chrono::milliseconds idle);

}  // namespace reqmail::judge
