#include "upgrade/tls_hello.h"

#include <gtest/gtest.h>

#include <string>

namespace {

using namespace reqmail::upgrade;      // NOLINT(google-build-using-namespace)
using namespace std::string_literals;  // NOLINT(google-build-using-namespace)

// ServerHello and ServerHelloDone, two messages with meaningless contents, in two records.
const std::string kHello = "\x16\x03\x03\x00\x08\x02\x00\x00\x04xxxx"s;
const std::string kDone = "\x16\x03\x03\x00\x04\x0e\x00\x00\x00"s;

TEST(ClientHello, LengthsAreThoseOfWhatFollows) {
  const std::string hello = client_hello(std::string(32, 'r'));
  ASSERT_GT(hello.size(), 9U);
  EXPECT_EQ(hello.substr(0, 3), "\x16\x03\x03"s);
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(hello[i]); };
  EXPECT_EQ(byte(3) * 256U + byte(4), hello.size() - 5);
  EXPECT_EQ(byte(5), 1U);
  EXPECT_EQ(byte(7) * 256U + byte(8), hello.size() - 9);
}

TEST(ServerFlight, IsWholeWithItsLastMessage) {
  const std::string flight = kHello + kDone;
  for (std::size_t size = 0; size < flight.size(); ++size) {
    EXPECT_EQ(look_at_flight(flight.substr(0, size)), ServerFlight::partial) << size;
  }
  EXPECT_EQ(look_at_flight(flight), ServerFlight::whole);
}

// The contents of one message contain the number of another, and a message extends over two
// records.
TEST(ServerFlight, IsReadMessageByMessage) {
  EXPECT_EQ(look_at_flight("\x16\x03\x03\x00\x08\x02\x00\x00\x04\x0e\x00\x00\x00"s),
            ServerFlight::partial);
  EXPECT_EQ(look_at_flight("\x16\x03\x03\x00\x05\x02\x00\x00\x04x"s +
                           "\x16\x03\x03\x00\x07xxx\x0e\x00\x00\x00"s),
            ServerFlight::whole);
}

TEST(ServerFlight, AnAlertOrAnotherProtocolIsNone) {
  EXPECT_EQ(look_at_flight("\x15\x03\x03\x00\x02\x02\x28"s), ServerFlight::refused);
  EXPECT_EQ(look_at_flight("454 TLS missing\r\n"), ServerFlight::foreign);
}

}  // namespace
