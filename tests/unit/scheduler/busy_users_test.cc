#include "scheduler/busy_users.h"

#include <gtest/gtest.h>

#include "mail/verdict_codec.h"
#include "tests/unit/scheduler/world.h"

namespace reqmail::scheduler::testing {
namespace {

using Names = std::vector<std::string>;

constexpr Time kNow = base::from_epoch(1'000'000'000);
const std::string kBusy = mail::user_busy_report(7001);

TEST(BusyUsers, OneTryForEachEnd) {
  BusyUsers users;
  EXPECT_FALSE(users.must_wait("a@me"));
  EXPECT_FALSE(users.park("7001", MessageId(5), false));
  EXPECT_TRUE(users.refused("a@me", "7001", 9, kNow));
  EXPECT_EQ(users.must_wait("a@me"), "7001");
  EXPECT_FALSE(users.must_wait("other@me"));
  EXPECT_TRUE(users.park("7001", MessageId(6), false));
  EXPECT_TRUE(users.park("7001", MessageId(5), true));
  EXPECT_EQ(users.ended("a@me", 8), Names{"7001"});
  EXPECT_EQ(users.take("7001")->number(), 5U);
  users.allow("7001");
  EXPECT_FALSE(users.must_wait("a@me"));
  EXPECT_TRUE(users.must_wait("a@me"));
  EXPECT_EQ(users.take("7001")->number(), 6U);
  EXPECT_FALSE(users.take("7001"));
  EXPECT_FALSE(users.must_wait("a@me"));
}

TEST(BusyUsers, EndsOfUnknownRecipientsCountIfTheyRanBefore) {
  BusyUsers users;
  users.refused("a@me", "7001", 9, kNow);
  EXPECT_EQ(users.ended("alias@me", 3), Names{"7001"});
  EXPECT_TRUE(users.ended("b@me", 10).empty());
}

TEST(BusyUsers, RemembersSoManyRecipientsAndNoMore) {
  BusyUsers users;
  for (std::size_t i = 0; i < BusyUsers::kMostRecipients; ++i) {
    ASSERT_TRUE(users.refused("a-" + std::to_string(i) + "@me", "7001", 9, kNow));
  }
  EXPECT_FALSE(users.refused("a-more@me", "7001", 9, kNow));
  EXPECT_FALSE(users.must_wait("a-more@me"));
  EXPECT_TRUE(users.refused("a-0@me", "7001", 9, kNow));
}

TEST(BusyUsers, ATryAfterAWhileAndLongerEachTime) {
  BusyUsers users;
  users.refused("a@me", "7001", 9, kNow);
  Time now = kNow;
  for (const int step : {5, 10, 20, 40, 80, 80}) {
    EXPECT_EQ(users.first(), now + Seconds(step));
    EXPECT_TRUE(users.due(now + Seconds(step - 1)).empty());
    now += Seconds(step);
    EXPECT_EQ(users.due(now), Names{"7001"});
  }
  // The clock was set back.
  EXPECT_EQ(users.due(kNow - Seconds(10'000)), Names{"7001"});
}

World with_nine_running() {
  World world;
  world.start();
  for (std::uint64_t id = 1; id <= 9; ++id) {
    world.add_todo(id, "s@h", {id < 9 ? "a@me" : "b@me"});
  }
  world.settle();
  return world;
}

TEST(Scheduler, MessagesOfABusyUserWaitWithoutTries) {
  World world = with_nine_running();
  auto orders = world.take_orders();
  ASSERT_EQ(orders.size(), 9U);
  world.add_todo(10, "s@h", {"a@me"});
  world.settle();
  world.answer(world.take_orders().at(0), kBusy);
  EXPECT_NE(
      world.take_log().find("delivery 10: deferral: Too_many_deliveries_for_user_7001_are_"
                            "running;_this_one_waits._(#4.3.2)/\n"),
      std::string::npos);
  for (std::uint64_t id = 11; id <= 20; ++id) {
    world.add_todo(id, "s@h", {"a@me"});
  }
  world.settle();
  EXPECT_TRUE(world.take_orders().empty());
  // Other deliveries continue, and their ends have no effect.
  world.add_todo(30, "s@h", {"b@me"});
  world.settle();
  auto other = world.take_orders();
  ASSERT_EQ(other.size(), 1U);
  EXPECT_EQ(other[0].recipient, "b@me");
  world.answer(other[0], kYes);
  EXPECT_TRUE(world.take_orders().empty());
  // One delivery follows each end, in their order, whatever the result is.
  world.answer(orders[0], kYes);
  auto next = world.take_orders();
  ASSERT_EQ(next.size(), 1U);
  EXPECT_EQ(next[0].id, 10U);
  world.answer(orders[1], kLater);
  next = world.take_orders();
  ASSERT_EQ(next.size(), 1U);
  EXPECT_EQ(next[0].id, 11U);
  // In the end all have been tried.
  for (std::size_t i = 2; i < 8; ++i) {
    world.answer(orders[i], kYes);
  }
  for (auto left = world.take_orders(); !left.empty(); left = world.take_orders()) {
    for (const auto& order : left) {
      world.answer(order, kYes);
    }
  }
  world.answer(World::Order{next[0]}, kYes);
  for (auto left = world.take_orders(); !left.empty(); left = world.take_orders()) {
    for (const auto& order : left) {
      world.answer(order, kYes);
    }
  }
  EXPECT_FALSE(world.files.contains("mess/20"));
}

// The place may become free while the rest of the message is still being processed.
TEST(Scheduler, AMessageIsTriedAgainWhenItsUserWasFreeBeforeItsLastDeliveryEnded) {
  World world = with_nine_running();
  auto orders = world.take_orders();
  world.add_todo(10, "s@h", {"c@me", "a@me"});
  world.settle_synced();
  auto own = world.take_orders();
  ASSERT_EQ(own.size(), 1U);
  world.answer(orders[0], kYes);
  world.settle(false);
  for (const auto& order : world.take_orders()) {
    own.push_back(order);
  }
  ASSERT_EQ(own.size(), 2U);
  world.answer(own[1], kBusy);
  world.answer(orders[1], kYes);
  EXPECT_TRUE(world.take_orders().empty());
  world.answer(own[0], kYes);
  world.settle(false);
  auto next = world.take_orders();
  ASSERT_EQ(next.size(), 1U);
  EXPECT_EQ(next[0].recipient, "a@me");
  world.answer(next[0], kYes);
  EXPECT_FALSE(world.files.contains("mess/10"));
}

// Of a message with many recipients one is tried for each place that becomes free.
TEST(Scheduler, AMessageWaitsOnceForAUserWithManyOfItsRecipients) {
  World world = with_nine_running();
  auto orders = world.take_orders();
  world.add_todo(10, "s@h", std::vector<std::string>(50, "a@me"));
  world.add_todo(11, "s@h", {"a@me"});
  world.settle_synced();
  world.answer(world.take_orders().at(0), kBusy);
  world.settle(false);
  EXPECT_TRUE(world.take_orders().empty());
  world.answer(orders[0], kYes);
  auto next = world.take_orders();
  ASSERT_EQ(next.size(), 1U);
  EXPECT_EQ(next[0].id, 10U);
  world.answer(next[0], kYes);
  // The first message has had its turn, and the other one is next.
  next = world.take_orders();
  ASSERT_EQ(next.size(), 1U);
  EXPECT_EQ(next[0].id, 11U);
}

TEST(Scheduler, AMessageThatIsTooOldWaitsForItsUserToo) {
  World world;
  world.add_queued(7, "s@h", std::string("Ta@me\0", 6), "", kLifetime + Seconds(5));
  world.start();
  world.take_log();
  world.answer(world.take_orders().at(0), kBusy);
  EXPECT_NE(world.take_log().find("deferral"), std::string::npos);
  world.pass_time(BusyUsers::kFirstStep);
  world.settle(false);
  world.answer(world.take_orders().at(0), kYes);
  EXPECT_TRUE(world.files.empty());
}

TEST(Scheduler, RestOfAMessageKeepsItsScheduleWhileOneUserIsBusy) {
  World world;
  world.start();
  world.add_todo(7, "s@h", {"a@me", "b@me"});
  world.settle_synced();
  auto orders = world.take_orders();
  world.answer(orders.at(0), kBusy);
  world.answer(orders.at(1), kLater);
  world.pass_time(BusyUsers::kFirstStep);
  world.settle(false);
  EXPECT_TRUE(world.take_orders().empty());
  world.pass_time(Seconds(100));
  world.settle(false);
  EXPECT_EQ(world.take_orders().size(), 2U);
}

}  // namespace
}  // namespace reqmail::scheduler::testing
