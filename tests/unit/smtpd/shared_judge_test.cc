// Requests for a connection to a qmail-mailauth for many sessions.
#include "smtpd/shared_judge.h"

#include <gtest/gtest.h>

#include <cerrno>

#include "judge/connection_source.h"
#include "sys/descriptor_io.h"
#include "sys/packets.h"

namespace reqmail::smtpd {
namespace {

TEST(SharedJudge, GetsTheOtherEnd) {
  auto pair = sys::make_packet_pair();
  ASSERT_TRUE(pair);
  const auto session = connect_to_shared_judge(pair->one.get(), "192.0.2.1");
  ASSERT_TRUE(session);
  const auto request = sys::receive_packet(pair->other.get(), judge::kRequestMax);
  ASSERT_TRUE(request && *request);
  EXPECT_EQ((*request)->bytes, kJudgeRequest + std::string("192.0.2.1"));
  EXPECT_TRUE(sys::write_all((*request)->descriptor.get(), "hello"));
  char got[5] = {};
  const auto count = sys::read_some(session->get(), got, sizeof got);
  EXPECT_EQ(count ? *count : 0, 5U);
  EXPECT_EQ(sys::read_some(session->get(), got, sizeof got).error().error, EAGAIN);
}

TEST(SharedJudge, WithoutRoomItIsAFailureSoon) {
  auto pair = sys::make_packet_pair();
  ASSERT_TRUE(pair);
  while (sys::send_packet(pair->one.get(), "j")) {
  }
  EXPECT_EQ(connect_to_shared_judge(pair->one.get(), "192.0.2.1").error().error, EAGAIN);
}

TEST(SharedJudge, NobodyIsThere) {
  auto pair = sys::make_packet_pair();
  ASSERT_TRUE(pair);
  pair->other.close();
  EXPECT_EQ(connect_to_shared_judge(pair->one.get(), "192.0.2.1").error().error, EPIPE);
}

}  // namespace
}  // namespace reqmail::smtpd
