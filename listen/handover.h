// What a listener leaves to the program that goes on in its place, in the same process: its
// sockets and its connections.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "listen/connection_counts.h"

namespace reqmail::listen {

struct Handover {
  // Descriptors.
  std::vector<int> sockets;
  ConnectionCounts connections;
};

// These convert it to a text and back; nullopt if the text makes no sense.
std::string encode_handover(const Handover& handover);
std::optional<Handover> decode_handover(std::string_view text);

}  // namespace reqmail::listen
