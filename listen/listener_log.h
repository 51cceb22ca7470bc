// The lines that a listener writes about its connections, which are those of tcpserver(1), so
// that programs which read logs go on to understand them. Each ends with a line feed.
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <string>
#include <string_view>

#include "net/peer_environment.h"

namespace reqmail::listen {

// "tcpserver: status: COUNT/LIMIT"
std::string status_line(std::size_t count, std::size_t limit);

// "tcpserver: pid PROCESS from ADDRESS"
std::string begin_line(pid_t process, const base::IpAddress& client);

// "tcpserver: ok PROCESS LOCALHOST:LOCALIP:LOCALPORT HOST:IP:INFO:PORT", or "deny" for "ok".
// Names of 100 bytes and more are cut, and bytes that would mislead a reader are '?'.
std::string decision_line(bool denied, pid_t process, const net::PeerNames& peer);

// "tcpserver: end PROCESS status STATUS", where the status is that of wait(2).
std::string end_line(pid_t process, int wait_status);

// "tcpserver: warning: dropping connection, WHY"
std::string drop_line(std::string_view why);

// Why a connection beyond a limit is denied:
// "tcpserver: warning: too many connections from PLACE: COUNT/LIMIT"
std::string crowd_line(std::string_view place, std::size_t count, std::size_t limit);

}  // namespace reqmail::listen
