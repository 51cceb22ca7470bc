// Where a qmail-mailauth for many sessions gets their connections from.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "sys/fd.h"

namespace reqmail::judge {

enum class SourceKind {
  // Connections to a socket that listens (net/listen_path.h).
  listening,
  // Connections that come as descriptors of packets.
  packets,
};

// What a session asks with: a packet that brings the connection, of a letter and then the IP
// address of the session's client, if that is known. It has at most this many bytes.
inline constexpr std::size_t kRequestMax = 64;

struct Connection {
  sys::Fd descriptor;
  // Empty: not known. Nullopt: the session has yet to say it (judge/arrivals.h).
  std::optional<std::string> client;
};

// Returns the address in this form if the text is one, and otherwise nothing: clients that
// differ may be called by the same word.
std::string client_address(std::string_view text);

class ConnectionSource {
 public:
  // Does not own the descriptor.
  ConnectionSource(SourceKind kind, int descriptor) : kind_(kind), descriptor_(descriptor) {}

  [[nodiscard]] int descriptor() const { return descriptor_; }

  // Takes the next connection without waiting. Returns nullopt if there will be none any more.
  // Failure.error is EAGAIN if there is none now, and EPROTO or EMSGSIZE if a request is none.
  [[nodiscard]] Result<std::optional<Connection>> take() const;

 private:
  SourceKind kind_;
  int descriptor_;
};

}  // namespace reqmail::judge
