// The packets between an injector and the resident queue writer.
#include "mail/queue_service.h"

#include <gtest/gtest.h>

#include <string>

namespace reqmail::mail {
namespace {

using namespace std::string_literals;

TEST(QueueService, OpeningsComeBackAsTheyWere) {
  for (const std::string wishes : {"", "RET=HDRS\n", "bytes with \0 a NUL"}) {
    const auto opening = parse_queue_opening(queue_opening({"1.0", wishes}));
    ASSERT_TRUE(opening);
    EXPECT_EQ(opening->release, "1.0");
    EXPECT_EQ(opening->wishes, wishes);
  }
}

TEST(QueueService, GreetingsComeBackAsTheyWere) {
  const auto greeting = parse_queue_greeting(queue_greeting({18446744073709551615U, "1 2 3 "}));
  ASSERT_TRUE(greeting);
  EXPECT_EQ(greeting->number, 18446744073709551615U);
  EXPECT_EQ(greeting->program, "1 2 3 ");
}

TEST(QueueService, ResultsComeBackAsTheyWere) {
  for (const int code : {0, 11, 53, 255}) {
    EXPECT_EQ(parse_queue_result(queue_result(code)), code);
    EXPECT_LE(queue_result(code).size(), kQueueResultMax);
  }
}

TEST(QueueService, AnythingElseIsRefused) {
  for (const std::string& packet :
       {""s, "o"s, "oversion"s, "g"s, "g\0"s, "gx\0y"s, "g1"s, "r"s, "r256"s, "r-1"s, "r0 "s,
        "r\0"s, "m1"s, "x1\0"s, "g18446744073709551616\0"s}) {
    EXPECT_FALSE(parse_queue_opening(packet)) << packet;
    EXPECT_FALSE(parse_queue_greeting(packet)) << packet;
    EXPECT_FALSE(parse_queue_result(packet)) << packet;
  }
}

TEST(QueueService, KindsAreNotMistakenForEachOther) {
  EXPECT_FALSE(parse_queue_greeting(queue_opening({"1", "2"})));
  EXPECT_FALSE(parse_queue_opening(queue_greeting({1, "2"})));
  EXPECT_FALSE(parse_queue_result(queue_greeting({1, "2"})));
}

}  // namespace
}  // namespace reqmail::mail
