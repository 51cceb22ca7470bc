// Sockets at a path, by which processes of this host exchange packets (sys/packets.h).
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>

#include "base/result.h"
#include "sys/fd.h"
#include "sys/process.h"

namespace reqmail::sys {

// Makes a socket at `path` that accepts connections, with this owner, group and mode; it
// replaces what is there in one step. Only those who may write the file can connect. Called by
// root. It is close-on-exec and non-blocking. Failure.error is the errno.
Result<Fd> listen_at(const std::string& path, const Identity& owner, mode_t mode);

// Connects without waiting; the connection is close-on-exec and non-blocking. Failure.error is
// EAGAIN if too many others wait for the listener, and ECONNREFUSED if there is none.
Result<Fd> connect_at(const std::string& path);

// Takes the next connection. Failure.error is EAGAIN if there is none.
Result<Fd> take_connection(int listener);

// Returns the effective user of the process that has connected.
std::optional<uid_t> peer_uid(int socket);

// Returns whether there is a listener at `path`, and the process that called listen_at() still
// exists, whatever process has the socket now. Called by root.
bool is_in_charge(const std::string& path);

}  // namespace reqmail::sys
