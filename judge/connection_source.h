// Where a qmail-mailauth for many sessions gets their connections from.
#pragma once

#include <optional>

#include "base/result.h"
#include "sys/fd.h"

namespace reqmail::judge {

enum class SourceKind {
  // Connections to a socket that listens (net/listen_path.h).
  listening,
  // Connections that come as descriptors of packets.
  packets,
};

class ConnectionSource {
 public:
  // Does not own the descriptor.
  ConnectionSource(SourceKind kind, int descriptor) : kind_(kind), descriptor_(descriptor) {}

  [[nodiscard]] int descriptor() const { return descriptor_; }

  // Takes the next connection without waiting. Returns nullopt if there will be none any more.
  // Failure.error is EAGAIN if there is none now, and EPROTO or EMSGSIZE if a request is none.
  [[nodiscard]] Result<std::optional<sys::Fd>> take() const;

 private:
  SourceKind kind_;
  int descriptor_;
};

}  // namespace reqmail::judge
