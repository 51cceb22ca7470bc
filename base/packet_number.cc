#include "base/packet_number.h"

namespace reqmail::base {

std::string packet_number(std::uint32_t number) {
  std::string bytes;
  for (std::size_t i = 0; i < kPacketNumberSize; ++i) {
    bytes += static_cast<char>(number >> (8 * i));
  }
  return bytes;
}

std::uint32_t number_of_packet(std::string_view packet) {
  std::uint32_t number = 0;
  for (std::size_t i = 0; i < kPacketNumberSize; ++i) {
    number |= std::uint32_t{static_cast<unsigned char>(packet[i])} << (8 * i);
  }
  return number;
}

}  // namespace reqmail::base
