// The number at the beginning of a packet between two of our processes, by which an answer is
// assigned to its question.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace reqmail::base {

inline constexpr std::size_t kPacketNumberSize = 4;

// Returns the number as kPacketNumberSize bytes, the lowest first.
std::string packet_number(std::uint32_t number);

// Returns the number of a packet, which must have at least kPacketNumberSize bytes.
std::uint32_t number_of_packet(std::string_view packet);

}  // namespace reqmail::base
