// Messages that wait for their domains: what starts, and when; and the file's retry schedule.
#include "scheduler/passes.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/unit/scheduler/world.h"

namespace reqmail::scheduler::testing {
namespace {

SchedulerConfig limited(const std::vector<std::string>& concurrency,
                        const std::vector<std::string>& rates = {}) {
  SchedulerConfig config = World::default_config();
  EXPECT_TRUE(config.domains.set_concurrency(concurrency).empty());
  EXPECT_TRUE(config.domains.set_rates(rates).empty());
  return config;
}

std::vector<std::string> recipients(const std::vector<World::Order>& orders) {
  std::vector<std::string> names;
  for (const World::Order& order : orders) {
    names.push_back(order.recipient);
  }
  return names;
}

using Names = std::vector<std::string>;

TEST(Domains, OneAtATimeAndOthersAreNotHeldUp) {
  World world(limited({"x:1"}));
  world.start();
  world.add_todo(1, "s@h", {"a@x"});
  world.add_todo(2, "s@h", {"b@x"});
  world.add_todo(3, "s@h", {"c@y"});
  world.settle();
  auto orders = world.take_orders();
  ASSERT_EQ(recipients(orders), (Names{"a@x", "c@y"}));
  world.answer(orders[1], kYes);
  EXPECT_TRUE(world.take_orders().empty());
  world.answer(orders[0], kYes);
  orders = world.take_orders();
  ASSERT_EQ(recipients(orders), Names{"b@x"});
  world.answer(orders[0], kYes);
  EXPECT_TRUE(world.files.empty());
}

TEST(Domains, AllRecipientsOfOneMessageHaveTheirTurns) {
  World world(limited({"*:2"}));
  world.start();
  world.add_todo(1, "s@h", {"a@x", "b@x", "c@x", "d@x", "e@x", "u@me"});
  world.settle();
  std::size_t most = 0;
  std::vector<World::Order> running;
  Names seen;
  for (int i = 0; i < 10; ++i) {
    for (const World::Order& order : world.take_orders()) {
      running.push_back(order);
      seen.push_back(order.recipient);
    }
    std::size_t remote = 0;
    for (const World::Order& order : running) {
      remote += order.channel == Channel::remote ? 1U : 0U;
    }
    most = std::max(most, remote);
    if (!running.empty()) {
      const World::Order order = running.front();
      running.erase(running.begin());
      world.answer(order, kYes);
    }
  }
  EXPECT_EQ(most, 2U);
  EXPECT_EQ(seen.size(), 6U);
  EXPECT_TRUE(world.files.empty());
  EXPECT_EQ(world.take_log().find("deferral"), std::string::npos);
}

TEST(Domains, AHostThatHangsLeavesTheReserveToOthers) {
  SchedulerConfig config = World::default_config();
  config.domains.set_reserve(20);
  World world(config);
  world.start(10, 10);
  for (std::uint64_t id = 1; id <= 12; ++id) {
    world.add_todo(id, "s@h", {"r" + std::to_string(id) + "@tar"});
  }
  world.settle();
  auto hanging = world.take_orders();
  ASSERT_EQ(hanging.size(), 8U);
  // Other mail leaves: to domains of which nothing is known one after the other.
  world.add_todo(20, "s@h", {"a@y", "b@z"});
  world.settle();
  for (const char* recipient : {"a@y", "b@z"}) {
    const auto orders = world.take_orders();
    ASSERT_EQ(recipients(orders), Names{recipient});
    world.answer(orders[0], kYes);
  }
  // And then two at a time.
  for (std::uint64_t id = 21; id <= 23; ++id) {
    world.add_todo(id, "s@h", {"a@y", "b@z"});
    world.settle();
    const auto orders = world.take_orders();
    ASSERT_EQ(recipients(orders), (Names{"a@y", "b@z"}));
    world.answer(orders[0], kYes);
    world.answer(orders[1], kYes);
    ASSERT_TRUE(world.take_orders().empty());
  }
  // The first answer opens the rest.
  world.answer(hanging[3], kYes);
  hanging = world.take_orders();
  ASSERT_EQ(hanging.size(), 3U);
  world.answer(hanging[0], kYes);
  EXPECT_EQ(world.take_orders().size(), 1U);
}

// The message is too old, so that the deferral is a failure.
TEST(Domains, ADeferralOfAnOldMessageIsNoAnswer) {
  for (const std::string& report : {kLater, kNo}) {
    SchedulerConfig config = World::default_config();
    config.domains.set_reserve(20);
    World world(config);
    world.add_queued(1, "s@h", "", std::string("Told@tar\0", 9), kLifetime + Seconds(5));
    world.start(10, 10);
    for (std::uint64_t id = 2; id <= 12; ++id) {
      world.add_todo(id, "s@h", {"r" + std::to_string(id) + "@tar"});
    }
    world.settle();
    const auto orders = world.take_orders();
    ASSERT_EQ(orders.size(), 8U);
    ASSERT_EQ(orders[0].recipient, "old@tar");
    world.answer(orders[0], report);
    ASSERT_EQ(world.bounces.size(), 1U);
    EXPECT_EQ(world.take_orders().size(), report == kNo ? 3U : 1U);
  }
}

TEST(Passes, RecipientsOfAHostStartTogetherWhereTheyGoTogether) {
  for (const std::uint64_t together : {1, 20}) {
    SchedulerConfig config = World::default_config();
    config.together = together;
    World world(config);
    world.start(10, 10);
    world.add_todo(1, "s@h", {"a@x", "b@y", "c@x", "d@y", "e@x"});
    world.settle();
    EXPECT_EQ(recipients(world.take_orders()),
              together == 1 ? (Names{"a@x", "b@y", "c@x", "d@y", "e@x"})
                            : (Names{"a@x", "c@x", "e@x", "b@y", "d@y"}));
  }
}

TEST(Passes, RecipientsThatGoTogetherStartInOneTurn) {
  for (const std::uint64_t together : {1, 3}) {
    SchedulerConfig config = World::default_config();
    config.together = together;
    World world(config);
    world.start(10, 10);
    world.give(ChannelWritable{Channel::remote, false});
    world.add_todo(1, "s@h", {"a@x", "b@x", "c@x", "d@x"});
    world.settle();
    world.give(ChannelWritable{Channel::remote, true});
    EXPECT_TRUE(world.take_orders().empty());
    world.give(Turn{});
    EXPECT_EQ(world.take_orders().size(), together);
  }
}

TEST(Domains, ADeferredRecipientWaitsForItsTimeWhileOthersHaveTheirTurns) {
  World world(limited({"x:1"}));
  world.start();
  world.add_todo(1, "s@h", {"later@x", "a@x", "b@x"});
  world.settle();
  auto orders = world.take_orders();
  ASSERT_EQ(recipients(orders), Names{"later@x"});
  world.answer(orders[0], kLater);
  orders = world.take_orders();
  ASSERT_EQ(recipients(orders), Names{"a@x"});
  world.answer(orders[0], kYes);
  orders = world.take_orders();
  ASSERT_EQ(recipients(orders), Names{"b@x"});
  // Its time comes while the domain is busy.
  world.pass_time(Seconds(401));
  world.settle(false);
  EXPECT_TRUE(world.take_orders().empty());
  world.answer(orders[0], kYes);
  EXPECT_EQ(recipients(world.take_orders()), Names{"later@x"});
}

TEST(Domains, ATimeThatComesWhileTheMessageWaits) {
  World world(limited({"x:1"}));
  world.start();
  world.add_todo(1, "s@h", {"hold@x"});
  world.settle();
  ASSERT_EQ(recipients(world.take_orders()), Names{"hold@x"});
  world.add_todo(2, "s@h", {"a@x", "later@y"});
  world.settle();
  auto orders = world.take_orders();
  ASSERT_EQ(recipients(orders), Names{"later@y"});
  world.answer(orders[0], kLater);
  world.settle_synced();
  ASSERT_TRUE(world.wait());
  world.pass_time(Seconds(399));
  world.settle(false);
  EXPECT_TRUE(world.take_orders().empty());
  world.pass_time(Seconds(1));
  world.settle(false);
  EXPECT_EQ(recipients(world.take_orders()), Names{"later@y"});
}

TEST(Domains, Rate) {
  World world(limited({}, {"x:2/100"}));
  world.start();
  for (std::uint64_t id = 1; id <= 4; ++id) {
    world.add_todo(id, "s@h", {"r" + std::to_string(id) + "@x"});
  }
  world.settle_synced();
  auto orders = world.take_orders();
  ASSERT_EQ(recipients(orders), (Names{"r1@x", "r2@x"}));
  for (const World::Order& order : orders) {
    world.answer(order, kYes);
  }
  EXPECT_TRUE(world.take_orders().empty());
  ASSERT_TRUE(world.wait());
  EXPECT_LE(*world.wait(), Steady(100'000));
  world.pass_time(Seconds(100));
  world.settle(false);
  EXPECT_EQ(recipients(world.take_orders()), (Names{"r3@x", "r4@x"}));
}

TEST(Domains, WaitingMessagesSurviveARestartAndOtherRules) {
  World world(limited({"x:1"}));
  world.start();
  world.add_todo(1, "s@h", {"a@x"});
  world.add_todo(2, "s@h", {"b@x"});
  world.settle_synced();
  ASSERT_EQ(recipients(world.take_orders()), Names{"a@x"});
  world.give(Reread{{"me"}, {}, {}, {}});
  world.settle(false);
  EXPECT_EQ(recipients(world.take_orders()), Names{"b@x"});
  world.restart(limited({"x:1"}));
  world.start();
  world.settle();
  EXPECT_EQ(world.take_orders().size(), 1U);
}

TEST(Schedule, OfTheFileAndOfAnotherAfterHangup) {
  SchedulerConfig config = World::default_config();
  EXPECT_TRUE(config.retry.set({"remote:60 300"}).empty());
  World world(config);
  world.start();
  world.add_todo(1, "s@h", {"a@x"});
  world.settle();
  world.answer(world.take_orders().at(0), kLater);
  world.settle_synced();
  world.pass_time(Seconds(58));
  world.settle(false);
  EXPECT_TRUE(world.take_orders().empty());
  world.pass_time(Seconds(2));
  world.settle(false);
  RetrySchedule other;
  EXPECT_TRUE(other.set({"remote:100 1000"}).empty());
  const auto orders = world.take_orders();
  ASSERT_EQ(orders.size(), 1U);
  world.answer(orders[0], kLater);
  world.give(Reread{{"me"}, {}, other, {}});
  world.pass_time(Seconds(240));
  world.settle(false);
  ASSERT_EQ(world.take_orders().size(), 1U);
}

}  // namespace
}  // namespace reqmail::scheduler::testing
