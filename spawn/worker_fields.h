// Orders as packets: a number and some fields, each ended by NUL.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace reqmail::spawn {

// No field may contain NUL.
std::string packet_of_fields(std::uint32_t number, const std::vector<std::string_view>& fields);

struct PacketFields {
  std::uint32_t number = 0;
  std::vector<std::string> fields;
};

// Returns nullopt for a packet that does not have from `least` to `most` fields.
std::optional<PacketFields> fields_of_packet(std::string_view packet, std::size_t least,
                                             std::size_t most);

}  // namespace reqmail::spawn
