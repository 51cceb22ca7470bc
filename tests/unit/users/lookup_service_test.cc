// Questions and answers of a qmail-getpw that stays running.
#include "users/lookup_service.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <string>

#include "sys/child.h"
#include "sys/descriptor_io.h"
#include "sys/packets.h"

namespace reqmail::users {
namespace {

using namespace std::string_literals;

TEST(LookupPackets, AnswersComeBackAsTheyWere) {
  const auto found = parse_lookup_answer(lookup_answer(0xfedcba98, {0, "u\0001\0002\0"s}));
  ASSERT_TRUE(found);
  EXPECT_EQ(found->number, 0xfedcba98);
  EXPECT_EQ(found->answer.code, 0);
  EXPECT_EQ(found->answer.fields, "u\0001\0002\0"s);
  EXPECT_EQ(parse_lookup_answer(lookup_answer(7, {118, ""}))->answer.code, 118);
  EXPECT_FALSE(parse_lookup_answer("1234"));
  EXPECT_FALSE(parse_lookup_answer(""));
}

TEST(LookupService, AnswersUntilTheOtherEndIsGone) {
  auto pair = sys::make_packet_pair();
  ASSERT_TRUE(pair);
  const pid_t process = ::fork();
  if (process == 0) {
    pair->one.close();
    serve_lookups(pair->other.get(), [](std::string_view local_part) {
      return LookupAnswer{static_cast<int>(local_part.size()), "<" + std::string(local_part)};
    });
    ::_exit(7);
  }
  sys::Child child(process);
  pair->other.close();
  ASSERT_TRUE(sys::send_packet(pair->one.get(), lookup_question(1, "joe")));
  ASSERT_TRUE(sys::send_packet(pair->one.get(), lookup_question(2, "")));
  for (const std::uint32_t number : {1U, 2U}) {
    ASSERT_TRUE(sys::wait_readable(pair->one.get(), std::chrono::seconds(20)));
    const auto packet = sys::receive_packet(pair->one.get(), kLookupPacketMax);
    ASSERT_TRUE(packet && *packet);
    const auto answer = parse_lookup_answer((*packet)->bytes);
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->number, number);
    EXPECT_EQ(answer->answer.code, number == 1 ? 3 : 0);
    EXPECT_EQ(answer->answer.fields, number == 1 ? "<joe" : "<");
  }
  pair->one.close();
  EXPECT_EQ(child.wait()->code, 7);
}

TEST(LookupService, EndsAtAPacketThatIsNoQuestion) {
  auto pair = sys::make_packet_pair();
  ASSERT_TRUE(pair);
  ASSERT_TRUE(sys::send_packet(pair->one.get(), "xyz"));
  serve_lookups(pair->other.get(), [](std::string_view) { return LookupAnswer{}; });
  SUCCEED();
}

}  // namespace
}  // namespace reqmail::users
