#include "base/packet_number.h"

#include <gtest/gtest.h>

namespace reqmail::base {
namespace {

TEST(PacketNumber, TheLowestByteIsFirst) {
  EXPECT_EQ(packet_number(0x01020304U), "\x04\x03\x02\x01");
  EXPECT_EQ(packet_number(0), std::string(kPacketNumberSize, '\0'));
}

TEST(PacketNumber, EveryNumberComesBack) {
  for (const std::uint32_t number : {0U, 1U, 255U, 256U, 0x80000000U, 0xffffffffU}) {
    EXPECT_EQ(number_of_packet(packet_number(number) + "rest"), number);
  }
}

}  // namespace
}  // namespace reqmail::base
