#include "spawn/worker_fields.h"

#include <gtest/gtest.h>

#include <string>

namespace reqmail::spawn {
namespace {

using namespace std::string_literals;

TEST(WorkerFields, ComeBackAsTheyWere) {
  const std::string packet = packet_of_fields(0x80000001, {"one", "", "three"});
  EXPECT_EQ(packet, "\x01\0\0\x80one\0\0three\0"s);
  const auto found = fields_of_packet(packet, 3, 3);
  ASSERT_TRUE(found);
  EXPECT_EQ(found->number, 0x80000001);
  EXPECT_EQ(found->fields, (std::vector<std::string>{"one", "", "three"}));
}

TEST(WorkerFields, AnotherNumberOfFieldsIsRefused) {
  const std::string packet = packet_of_fields(1, {"one", "two"});
  EXPECT_FALSE(fields_of_packet(packet, 0, 1));
  EXPECT_FALSE(fields_of_packet(packet, 3, 4));
  EXPECT_TRUE(fields_of_packet(packet, 2, 3));
  EXPECT_TRUE(fields_of_packet(packet, 1, 2));
  EXPECT_FALSE(fields_of_packet(packet + "x", 1, 3));
  for (std::size_t length = 0; length < packet.size(); ++length) {
    EXPECT_FALSE(fields_of_packet(packet.substr(0, length), 2, 2)) << length;
  }
}

}  // namespace
}  // namespace reqmail::spawn
