// Packets between two processes of ours: each arrives whole or not at all, and may bring a
// descriptor with it.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "sys/fd.h"

namespace reqmail::sys {

// Two connected ends, both close-on-exec. Failure.error is the errno.
Result<SocketPair> make_packet_pair();

struct Packet {
  std::string bytes;
  // Valid where one came with it; close-on-exec.
  Fd descriptor;
};

// Never waits: EAGAIN where there is no room. `bytes` is not empty; `descriptor`: a copy goes
// with them, -1 for none. EPIPE where nobody has the other end, without a signal.
Result<void> send_packet(int socket, std::string_view bytes, int descriptor = -1);

// Never waits: EAGAIN where nothing has come. nullopt when the other end is gone. A packet of
// more than `limit` bytes is a Failure with EMSGSIZE.
Result<std::optional<Packet>> receive_packet(int socket, std::size_t limit);

// The other end can send no more; what has come can still be received.
void end_reading(int socket);

}  // namespace reqmail::sys
