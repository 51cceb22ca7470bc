#include "sys/packets.h"

#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <vector>

#include "sys/clock.h"
#include "sys/descriptor_io.h"
#include "sys/error.h"

namespace reqmail::sys {

namespace {

constexpr std::string_view kNotSent = "unable to send";
constexpr std::string_view kNotReceived = "unable to receive";

// One poll for room; there may be many.
constexpr std::chrono::seconds kRoomWait(10);
// How often and at what distance something is sent again: for five seconds.
constexpr unsigned kTriesMax = 100;
constexpr std::chrono::milliseconds kPause(50);

constexpr std::size_t kDescriptorsMax = 2;

// Packets up to this size are received without asking for their size.
constexpr std::size_t kShort = 4096;

// The buffer for the descriptors that come with a packet.
union DescriptorRoom {
  cmsghdr header;
  char bytes[CMSG_SPACE(kDescriptorsMax * sizeof(int))];
};

// Takes the descriptors that came with a packet.
void take_descriptors(msghdr& message, Packet& packet) {
  for (cmsghdr* item = CMSG_FIRSTHDR(&message); item != nullptr;
       item = CMSG_NXTHDR(&message, item)) {
    if (item->cmsg_level == SOL_SOCKET && item->cmsg_type == SCM_RIGHTS) {
      int numbers[kDescriptorsMax] = {-1, -1};
      std::memcpy(numbers, CMSG_DATA(item),
                  std::min(sizeof numbers, item->cmsg_len - CMSG_LEN(0)));
      packet.descriptor = Fd(numbers[0]);
      packet.second = Fd(numbers[1]);
    }
  }
}

// Repeats a call that a signal has interrupted.
template <typename Call>
ssize_t uninterrupted(const Call& call) {
  ssize_t length = 0;
  do {
    length = call();
  } while (length < 0 && errno == EINTR);
  return length;
}

// Linux looks for a packet first and for the end of the connection later: if the last packet
// and the end come between the two, it says that there is nothing more. It is true if it is
// said twice.
template <typename Call>
ssize_t receive(const Call& call) {
  const ssize_t length = uninterrupted(call);
  return length == 0 ? uninterrupted(call) : length;
}

bool is_gone(int error) {
  return error == EPIPE || error == ECONNRESET;
}

bool is_short_of_memory(int error) {
  return error == ENOBUFS || error == ENOMEM;
}

// There may still be none afterwards.
void await_room(const PacketCalls& calls) {
  const auto room = calls.wait_for_room();
  if (!room && room.error().error != ETIMEDOUT) {
    calls.pause();
  }
}

Result<void> send_message(int socket, const msghdr& message) {
  while (::sendmsg(socket, &message, MSG_DONTWAIT | MSG_NOSIGNAL) < 0) {
    if (errno != EINTR) {
      return system_failure(kNotSent);
    }
  }
  return {};
}

}  // namespace

Result<SocketPair> make_packet_pair() {
  int ends[2] = {-1, -1};
  if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0) {
    return system_failure("unable to create sockets");
  }
  return SocketPair{Fd(ends[0]), Fd(ends[1])};
}

Result<void> send_packet(int socket, std::string_view bytes, int descriptor, int second) {
  iovec part = {const_cast<char*>(bytes.data()), bytes.size()};  // sendmsg only reads it
  msghdr message = {};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  DescriptorRoom room = {};
  if (descriptor >= 0) {
    const int numbers[kDescriptorsMax] = {descriptor, second};
    const std::size_t size = sizeof(int) * (second >= 0 ? 2 : 1);
    message.msg_control = room.bytes;
    message.msg_controllen = CMSG_SPACE(size);
    cmsghdr* item = CMSG_FIRSTHDR(&message);
    item->cmsg_level = SOL_SOCKET;
    item->cmsg_type = SCM_RIGHTS;
    item->cmsg_len = CMSG_LEN(size);
    std::memcpy(CMSG_DATA(item), numbers, size);
  }
  return send_message(socket, message);
}

Result<std::size_t> send_packets(int socket, std::span<const std::string> packets) {
  std::vector<iovec> parts;
  parts.reserve(packets.size());
  std::vector<mmsghdr> messages(packets.size());
  for (std::size_t i = 0; i < packets.size(); ++i) {
    // sendmmsg only reads it.
    parts.push_back({const_cast<char*>(packets[i].data()), packets[i].size()});
    messages[i].msg_hdr.msg_iov = &parts[i];
    messages[i].msg_hdr.msg_iovlen = 1;
  }
  const ssize_t count = uninterrupted([&]() -> ssize_t {
    return ::sendmmsg(socket, messages.data(), static_cast<unsigned>(messages.size()),
                      MSG_DONTWAIT | MSG_NOSIGNAL);
  });
  if (count >= 0) {
    return static_cast<std::size_t>(count);
  }
  if (errno != ENOSYS && errno != EPERM) {
    return system_failure(kNotSent);
  }
  // A filter of somebody else's, which may not know the call, or an old kernel.
  const auto sent = send_packet(socket, packets.front());
  return sent ? Result<std::size_t>(1) : sent.error();
}

bool deliver_packets(const PacketCalls& calls, std::span<const std::string> packets) {
  bool all = true;
  unsigned tries = 0;
  while (!packets.empty()) {
    const auto sent = calls.send(packets);
    if (sent) {
      tries = 0;
      packets = packets.subspan(*sent);
      continue;
    }
    const int error = sent.error().error;
    if (is_gone(error)) {
      return false;
    }
    if (error == EAGAIN) {
      await_room(calls);
    } else if (is_short_of_memory(error) && tries < kTriesMax) {
      ++tries;
      calls.pause();
    } else {
      all = false;
      packets = packets.subspan(1);
    }
  }
  return all;
}

bool deliver_packets(int socket, std::span<const std::string> packets) {
  return deliver_packets(
      PacketCalls{
          [socket](std::span<const std::string> some) { return send_packets(socket, some); },
          [socket] { return wait_writable(socket, kRoomWait); }, [] { pause_for(kPause); }},
      packets);
}

Result<std::optional<Packet>> receive_packet(int socket, std::size_t limit) {
  std::size_t room = limit;
  if (limit > kShort) {
    // The length is read first, since most packets are much shorter than the limit.
    const ssize_t length = receive(
        [socket] { return ::recv(socket, nullptr, 0, MSG_PEEK | MSG_TRUNC | MSG_DONTWAIT); });
    if (length < 0) {
      return system_failure(kNotReceived);
    }
    room = std::min(static_cast<std::size_t>(length), limit);
  }
  Packet packet;
  packet.bytes.resize(room);
  iovec part = {packet.bytes.data(), packet.bytes.size()};
  DescriptorRoom descriptors = {};
  msghdr message = {};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  message.msg_control = descriptors.bytes;
  const ssize_t length = receive([&] {
    message.msg_controllen = sizeof descriptors.bytes;
    return ::recvmsg(socket, &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC | MSG_TRUNC);
  });
  if (length < 0) {
    return system_failure(kNotReceived);
  }
  if (length == 0) {
    return std::optional<Packet>();
  }
  take_descriptors(message, packet);
  if (static_cast<std::size_t>(length) > limit) {
    return system_failure(kNotReceived, EMSGSIZE);
  }
  packet.bytes.resize(static_cast<std::size_t>(length));
  return std::optional<Packet>(std::move(packet));
}

Result<void> send_piece(int socket, char kind, std::string_view bytes) {
  iovec parts[] = {{&kind, 1}, {const_cast<char*>(bytes.data()), bytes.size()}};
  msghdr message = {};
  message.msg_iov = parts;
  message.msg_iovlen = 2;
  return send_message(socket, message);
}

Result<std::optional<Piece>> receive_piece(int socket, char* bytes, std::size_t size) {
  Piece piece;
  iovec parts[] = {{&piece.kind, 1}, {bytes, size}};
  msghdr message = {};
  message.msg_iov = parts;
  message.msg_iovlen = 2;
  const ssize_t length = receive([&] { return ::recvmsg(socket, &message, MSG_DONTWAIT); });
  if (length < 0) {
    return system_failure(kNotReceived);
  }
  if (length == 0) {
    return std::optional<Piece>();
  }
  if ((message.msg_flags & MSG_TRUNC) != 0) {
    return system_failure(kNotReceived, EMSGSIZE);
  }
  piece.size = static_cast<std::size_t>(length) - 1;
  return std::optional<Piece>(piece);
}

bool is_packet_socket(int descriptor) {
  int kind = 0;
  socklen_t size = sizeof kind;
  return ::getsockopt(descriptor, SOL_SOCKET, SO_TYPE, &kind, &size) == 0 &&
         kind == SOCK_SEQPACKET;
}

void end_reading(int socket) {
  (void)::shutdown(socket, SHUT_RD);
}

}  // namespace reqmail::sys
