// Many messages with random results: no recipient is forgotten or served twice, and limits are
// kept.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "mail/verdict_codec.h"
#include "tests/unit/scheduler/world.h"

namespace reqmail::scheduler::testing {
namespace {

struct Simulation {
  World world;
  std::mt19937 random;
  std::map<std::string, int> done;
  std::map<std::string, int> failed;
  std::set<std::string> expected;
  std::vector<World::Order> running;
  std::size_t most_local = 0;
  std::size_t most_remote = 0;
  // The number of deliveries that qmail-lspawn runs for a user; 0 means no limit.
  std::size_t most_of_user = 0;
  std::size_t refusals = 0;

  explicit Simulation(unsigned seed) : random(seed) {}

  unsigned below(unsigned limit) { return static_cast<unsigned>(random() % limit); }

  void add(std::uint64_t id) {
    std::vector<std::string> recipients;
    const unsigned count = below(5);
    for (unsigned n = 0; n < count; ++n) {
      const std::string recipient =
          std::to_string(id) + "." + std::to_string(n) + (below(2) == 0 ? "@me" : "@far");
      recipients.push_back(recipient);
      expected.insert(recipient);
    }
    world.add_todo(id, "s@h", recipients);
  }

  // Returns the user to whom a recipient belongs: the name of each recipient ends in that of
  // one of two users.
  static char user_of(const World::Order& order) {
    return order.recipient[order.recipient.find('@') - 1] % 2 == 0 ? '2' : '1';
  }

  // Returns whether qmail-lspawn refuses the order.
  bool is_refused(const World::Order& order) const {
    return most_of_user != 0 && order.channel == Channel::local &&
           static_cast<std::size_t>(std::count_if(
               running.begin(), running.end(), [&order](const World::Order& other) {
                 return other.channel == Channel::local && user_of(other) == user_of(order);
               })) >= most_of_user;
  }

  void take() {
    for (auto orders = world.take_orders(); !orders.empty(); orders = world.take_orders()) {
      for (const World::Order& order : orders) {
        if (is_refused(order)) {
          ++refusals;
          world.answer(order, mail::user_busy_report(7000 + (user_of(order) - '0')));
        } else {
          running.push_back(order);
        }
      }
    }
    std::set<std::pair<Channel, unsigned>> slots;
    std::size_t local = 0;
    for (const World::Order& order : running) {
      ASSERT_TRUE(slots.emplace(order.channel, order.slot).second) << "a slot twice";
      local += order.channel == Channel::local ? 1 : 0;
    }
    most_local = std::max(most_local, local);
    most_remote = std::max(most_remote, running.size() - local);
  }

  void answer_one() {
    const std::size_t chosen = below(static_cast<unsigned>(running.size()));
    const World::Order order = running[chosen];
    running.erase(running.begin() + static_cast<std::ptrdiff_t>(chosen));
    const unsigned fate = below(10);
    if (fate < 6) {
      ++done[order.recipient];
      world.answer(order, kYes);
    } else if (fate < 8) {
      world.answer(order, kLater);
    } else if (fate < 9) {
      ++failed[order.recipient];
      world.answer(order, kNo);
    } else {
      world.answer(order, "");
    }
    take();
  }

  void step() {
    if (!running.empty() && below(4) != 0) {
      answer_one();
    } else if (below(3) == 0) {
      world.settle_synced();
      take();
    } else {
      world.pass_time(Seconds(below(600)));
      world.settle();
      take();
    }
  }

  void check_all_served() {
    for (const std::string& recipient : expected) {
      ASSERT_EQ(done[recipient] + failed[recipient], 1) << recipient;
    }
    std::size_t noted = 0;
    for (const auto& [id, text] : world.bounces) {
      for (std::size_t at = text.find(">:\n"); at != std::string::npos;
           at = text.find(">:\n", at + 1)) {
        ++noted;
      }
    }
    std::size_t failures = 0;
    for (const auto& [recipient, count] : failed) {
      failures += static_cast<std::size_t>(count);
    }
    ASSERT_EQ(noted, failures);
    ASSERT_TRUE(world.files.empty()) << world.files.begin()->first;
    ASSERT_EQ(world.scheduler->messages(), 0U);
    ASSERT_EQ(world.scheduler->unsynced(), 0U);
  }
};

class Simulations : public ::testing::TestWithParam<unsigned> {};

TEST_P(Simulations, AThousandMessagesAreServedOnce) {
  Simulation simulation(GetParam());
  simulation.world.start(10, 20);
  std::uint64_t id = 0;
  std::string log;
  while (id < 1000 || simulation.world.scheduler->messages() != 0) {
    if (id < 1000 && simulation.below(3) == 0) {
      simulation.add(++id);
    }
    simulation.step();
    ASSERT_FALSE(::testing::Test::HasFatalFailure());
    ASSERT_LE(simulation.most_local, 10U);
    ASSERT_LE(simulation.most_remote, 20U);
    log += simulation.world.take_log();
  }
  simulation.check_all_served();
  // Each delivery was announced once and ended once.
  const auto count = [&log](const std::string& line) {
    std::size_t found = 0;
    for (std::size_t at = log.find(line); at != std::string::npos;
         at = log.find(line, at + 1)) {
      ++found;
    }
    return found;
  };
  EXPECT_EQ(count("\nnew msg "), 1000U);
  EXPECT_EQ(count("end msg "), 1000U);
  // Most messages were finished before any sync.
  EXPECT_LT(simulation.world.syncs, 1000U);
}

TEST_P(Simulations, NobodyIsForgottenWhileHisUserIsBusy) {
  Simulation simulation(GetParam() + 200);
  simulation.most_of_user = 2;
  // Half of the messages are processed in parts.
  simulation.world.todo_records = 4;
  simulation.world.start(10, 20);
  std::uint64_t id = 0;
  for (int round = 0; id < 500 || simulation.world.scheduler->messages() != 0; ++round) {
    ASSERT_LT(round, 100'000) << simulation.world.files.begin()->first;
    if (id < 500 && simulation.below(3) == 0) {
      simulation.add(++id);
    }
    simulation.step();
    ASSERT_FALSE(::testing::Test::HasFatalFailure());
  }
  simulation.check_all_served();
  EXPECT_GT(simulation.refusals, 100U);
}

TEST_P(Simulations, CrashesRepeatOnlyWhatWasRunning) {
  Simulation simulation(GetParam() + 100);
  World& world = simulation.world;
  world.start(10, 20);
  std::uint64_t id = 0;
  std::size_t repeatable = 0;
  for (int round = 0; round < 3000; ++round) {
    if (id < 300 && simulation.below(3) == 0) {
      simulation.add(++id);
    }
    simulation.step();
    if (simulation.below(60) == 0) {
      // A delivery that runs at the time of a crash is repeated, even if it had just succeeded.
      // The simulation counts only reports, so no success may be counted twice.
      repeatable += simulation.running.size();
      simulation.running.clear();
      world.restart();
      world.start(10, 20);
      simulation.take();
    }
  }
  while (world.scheduler->messages() != 0) {
    simulation.step();
  }
  ASSERT_GT(repeatable, 0U);
  for (const std::string& recipient : simulation.expected) {
    // A failure that was noted but not marked is noted again.
    ASSERT_EQ(simulation.done[recipient] + simulation.failed[recipient], 1) << recipient;
  }
  EXPECT_TRUE(world.files.empty()) << world.files.begin()->first;
}

TEST_P(Simulations, NeitherChannelStarvesTheOther) {
  World world;
  world.start(2, 2);
  for (std::uint64_t id = 1; id <= 200; ++id) {
    world.add_todo(id, "s@h", {"u@me", "r@far"});
  }
  world.settle();
  std::map<Channel, int> served;
  std::vector<World::Order> running = world.take_orders();
  for (int i = 0; i < 200; ++i) {
    ASSERT_FALSE(running.empty());
    const World::Order order = running.front();
    running.erase(running.begin());
    ++served[order.channel];
    world.answer(order, kYes);
    for (World::Order& more : world.take_orders()) {
      running.push_back(std::move(more));
    }
  }
  EXPECT_GE(served[Channel::local], 90);
  EXPECT_GE(served[Channel::remote], 90);
}

INSTANTIATE_TEST_SUITE_P(Seeds, Simulations, ::testing::Values(1, 2, 3));

}  // namespace
}  // namespace reqmail::scheduler::testing
