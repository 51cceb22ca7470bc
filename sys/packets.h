// Packets between two of our processes. Each packet arrives complete or not at all, and may
// bring descriptors.
#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"
#include "sys/fd.h"

namespace reqmail::sys {

// Makes two connected sockets that are close-on-exec. Failure.error is the errno.
Result<SocketPair> make_packet_pair();

struct Packet {
  std::string bytes;
  // Valid if one came with the packet; it is close-on-exec.
  Fd descriptor;
  // The same for a second one.
  Fd second;
};

// Sends a packet without waiting; `bytes` must not be empty. If `descriptor` is not -1, a copy
// of it goes with the packet, and so does one of `second`, if this is not -1 either.
// Failure.error is EAGAIN if there is no room, and EPIPE, without a signal, if the other end is
// closed.
Result<void> send_packet(int socket, std::string_view bytes, int descriptor = -1,
                         int second = -1);

// Sends packets, in this order, without waiting; none may be empty. With one call, so that
// whoever waits for them seldom wakes before the last one is there; where that call is not
// allowed, it is the first one alone. Returns how many were sent; Failure as above if the first
// one was not.
Result<std::size_t> send_packets(int socket, std::span<const std::string> packets);

// The calls of deliver_packets(); tests have others.
struct PacketCalls {
  std::function<Result<std::size_t>(std::span<const std::string>)> send;
  std::function<Result<void>()> wait_for_room;
  std::function<void()> pause;
};

// Sends packets, in this order, and waits for room as long as the other end is there, and for
// some seconds if the kernel has no memory. One that cannot be sent is left out. Returns
// whether all were sent.
bool deliver_packets(const PacketCalls& calls, std::span<const std::string> packets);
bool deliver_packets(int socket, std::span<const std::string> packets);

// Receives a packet without waiting. Failure.error is EAGAIN if there is none, and EMSGSIZE for
// a packet of more than `limit` bytes. Returns nullopt if the other end is closed.
Result<std::optional<Packet>> receive_packet(int socket, std::size_t limit);

// The same for a packet of one byte, its kind, and `bytes`, which may be empty.
Result<void> send_piece(int socket, char kind, std::string_view bytes);

struct Piece {
  char kind = '\0';
  std::size_t size = 0;
};

// Receives a packet of a kind and up to `size` further bytes, which go to `bytes`. It is like
// receive_packet() otherwise.
Result<std::optional<Piece>> receive_piece(int socket, char* bytes, std::size_t size);

// Returns whether the descriptor is a socket of the kind that make_packet_pair() makes.
bool is_packet_socket(int descriptor);

// The other end can send no more; what has come can still be received.
void end_reading(int socket);

}  // namespace reqmail::sys
