// New messages with long envelopes, recipients that cannot be marked, and empty lists.
#include "scheduler/intake.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "mail/idna_conversion.h"
#include "tests/unit/scheduler/world.h"

namespace reqmail::scheduler::testing {
namespace {

using namespace std::string_literals;

World started(std::size_t todo_records = 100) {
  World world;
  world.todo_records = todo_records;
  world.start();
  (void)world.take_log();
  return world;
}

std::vector<std::string> recipients_of(const std::vector<World::Order>& orders) {
  std::vector<std::string> recipients;
  for (const World::Order& order : orders) {
    recipients.push_back(order.recipient);
  }
  return recipients;
}

const std::vector<std::string> kMany = {"a@me", "b@x", "c@x", "d@me", "e@x", "f@x", "g@x"};

class LongIntake : public ::testing::TestWithParam<std::size_t> {};

TEST_P(LongIntake, GivesWhatAShortOneGives) {
  World whole = started();
  World parts = started(GetParam());
  for (World* world : {&whole, &parts}) {
    world->add_todo(7, "s@h", kMany);
    world->settle();
  }
  EXPECT_EQ(parts.files, whole.files);
  EXPECT_EQ(parts.take_orders().size(), kMany.size());
  EXPECT_TRUE(parts.take_log().starts_with(
      "new msg 7\ninfo msg 7: bytes 5 from <s@h> qp 42 uid 7\nstarting delivery 1: "));
}

TEST_P(LongIntake, NothingIsWrittenOfADamagedOne) {
  for (const auto& [tail, warning] : std::vector<std::pair<std::string, std::string>>{
           {"Xodd\0"s,
            "new msg 7\ninfo msg 7: bytes 5 from <s@h> qp 42 uid 7\n"
            "warning: unknown record type in todo/7\n"},
           {"Tcut"s, "warning: trouble reading todo/7\n"}}) {
    World world = started(GetParam());
    world.add_todo(7, "s@h", kMany);
    world.files["todo/7"] += tail;
    world.add_todo(8, "s@h", {"other@me"});
    world.settle();
    EXPECT_FALSE(world.files.contains("info/7"));
    EXPECT_FALSE(world.files.contains("local/7"));
    EXPECT_EQ(recipients_of(world.take_orders()), std::vector<std::string>{"other@me"});
    EXPECT_NE(world.take_log().find(warning), std::string::npos);
  }
}

TEST_P(LongIntake, ARestartKeepsItsMarks) {
  World world = started(GetParam());
  world.clean_by_hand = true;
  world.add_todo(7, "s@h", kMany);
  world.settle();
  for (const World::Order& order : world.take_orders()) {
    if (order.recipient == "b@x" || order.recipient == "a@me") {
      world.answer(order, kYes);
    }
  }
  world.restart();
  world.todo_records = GetParam();
  world.start();
  EXPECT_EQ(recipients_of(world.take_orders()),
            (std::vector<std::string>{"d@me", "c@x", "e@x", "f@x", "g@x"}));
  EXPECT_EQ(world.take_log().find("new msg"), std::string::npos);
}

TEST_P(LongIntake, ARestartRebuildsWhatDiffers) {
  for (const std::string& remote :
       {"Tb@x\0Tc@x\0Te@x\0Tf@x\0"s, "Tb@x\0Tc@x\0Te@x\0Tf@x\0Tg@x\0Th@x\0"s,
        "Db@x\0Tc@y\0Te@x\0Tf@x\0Tg@x\0"s, ""s}) {
    World world = started(GetParam());
    world.clean_by_hand = true;
    world.add_todo(7, "s@h", kMany);
    world.settle();
    const std::string good = world.files["remote/7"];
    world.files["remote/7"] = remote;
    world.restart();
    world.start();
    EXPECT_EQ(world.files["remote/7"], good);
    EXPECT_EQ(world.files["local/7"], "Ta@me\0Td@me\0"s);
  }
}

INSTANTIATE_TEST_SUITE_P(Records, LongIntake, ::testing::Values(1, 2, 3, 9));

// A turn processes one part, so that later mail does not wait for the last one.
TEST(LongIntake, OtherMailGoesAhead) {
  World world = started(1);
  world.add_todo(7, "s@h", std::vector<std::string>(200, "many@x"));
  world.give(TodoListed{{MessageId(7)}});
  for (int turn = 0; turn < 20; ++turn) {
    world.give(Turn{});
  }
  EXPECT_FALSE(world.files.contains("info/7"));
  world.todo_records = 100;
  world.add_todo(8, "s@h", {"other@me"});
  world.give(TodoListed{{MessageId(7), MessageId(8)}});
  world.todo_records = 1;
  for (int turn = 0; turn < 5; ++turn) {
    world.todo_records = turn == 0 ? 100 : 1;
    world.give(Turn{});
  }
  EXPECT_EQ(recipients_of(world.take_orders()), std::vector<std::string>{"other@me"});
  world.settle(false);
  EXPECT_EQ(world.take_orders().size(), 20U);
}

TEST(LongIntake, SeveralAreTakenOneAfterTheOther) {
  World world = started(2);
  for (const std::uint64_t id : {7U, 8U, 9U}) {
    world.add_todo(id, "s@h", {"a@x", "b@x", "c@x"});
  }
  world.settle();
  EXPECT_EQ(world.take_orders().size(), 9U);
}

TEST(LongIntake, TroubleLeavesItForTheNextLook) {
  World world = started(2);
  world.failing = {"create remote"};
  world.add_todo(7, "s@h", kMany);
  world.settle();
  EXPECT_EQ(world.take_log(),
            "new msg 7\ninfo msg 7: bytes 5 from <s@h> qp 42 uid 7\n"
            "warning: unable to create remote/7\n");
  // The part of it that exists is not a message.
  world.give(MessageFound{MessageId(7), {}});
  world.settle(false);
  EXPECT_TRUE(world.files.contains("mess/7"));
  world.failing = {};
  world.settle();
  EXPECT_EQ(world.take_orders().size(), kMany.size());
}

TEST(LongIntake, HupRoutesAllByTheSameRules) {
  World world = started(2);
  world.add_todo(7, "s@h", kMany);
  world.give(TodoListed{{MessageId(7)}});
  for (int turn = 0; turn < 9; ++turn) {
    world.give(Turn{});
  }
  ASSERT_TRUE(world.files.contains("info/7"));
  world.give(Reread{{"x"}, {}});
  world.settle(false);
  EXPECT_EQ(world.files["local/7"], "Tb@x\0Tc@x\0Te@x\0Tf@x\0Tg@x\0"s);
  EXPECT_EQ(world.files["remote/7"], "Ta@me\0Td@me\0"s);
}

TEST(LongIntake, TermDoesNotWaitForIt) {
  World world = started(1);
  world.add_todo(7, "s@h", kMany);
  world.give(TodoListed{{MessageId(7)}});
  for (int turn = 0; turn < 4; ++turn) {
    world.give(Turn{});
  }
  world.give(Terminate{});
  world.settle(false);
  EXPECT_TRUE(world.exited);
  EXPECT_TRUE(world.files.contains("todo/7"));
}

// --- Domains that nobody converts ---

class Unrouted : public ::testing::TestWithParam<std::size_t> {
 protected:
  static World utf8_world() {
    mail::convert_u_labels_by([](const std::string&) -> Result<std::string> {
      return answers_ ? Result<std::string>("xn--bcher-kva.example") : temporary({});
    });
    SchedulerConfig config = World::default_config();
    config.routing.utf8 = true;
    config.routing.locals = {"b\u00fccher.example"};
    World world(config);
    world.todo_records = GetParam();
    world.start();
    (void)world.take_log();
    return world;
  }

  void TearDown() override { mail::convert_u_labels_by(mail::convert_by_libidn2); }

  static inline bool answers_ = false;
};

TEST_P(Unrouted, AMessageWaitsInTodoForThem) {
  for (const char* const domain : {"b\u00fccher.example", "xn--bcher-kva.example"}) {
    answers_ = false;
    World world = utf8_world();
    world.add_todo(7, "s@h", {"a@x", "b@" + std::string(domain), "c@x"});
    world.settle();
    EXPECT_EQ(world.take_log(),
              "warning: unable to convert a domain in todo/7; will try again later\n");
    EXPECT_TRUE(world.take_orders().empty());
    EXPECT_TRUE(world.files.contains("todo/7"));
    // Other mail goes on, and no trigger makes qmail-send ask again at once.
    world.add_todo(8, "s@h", {"other@x"});
    world.settle();
    EXPECT_EQ(recipients_of(world.take_orders()), std::vector<std::string>{"other@x"});
    EXPECT_EQ(world.take_log().find("unable"), std::string::npos);
    EXPECT_LE(*world.wait(), Steady(kFailedStep));
    world.pass_time(kFailedStep);
    world.settle(false);
    EXPECT_NE(world.take_log().find("unable to convert a domain in todo/7"), std::string::npos);
    answers_ = true;
    world.pass_time(kFailedStep);
    world.settle(false);
    std::vector<std::string> got = recipients_of(world.take_orders());
    std::sort(got.begin(), got.end());
    EXPECT_EQ(got, (std::vector<std::string>{"a@x", "b@" + std::string(domain), "c@x"}));
    EXPECT_EQ(world.files["local/7"], "Tb@" + std::string(domain) + '\0');
  }
}

INSTANTIATE_TEST_SUITE_P(Records, Unrouted, ::testing::Values(2, 100));

// --- Marks that cannot be written ---

TEST(Unmarked, NobodyGetsTheMessageAgainWhileItCannotBeMarked) {
  World world = started();
  world.add_queued(7, "s@h", "", "Tone@x\0Ttwo@x\0"s, Seconds(100));
  world.restart();
  world.start();
  const auto orders = world.take_orders();
  ASSERT_EQ(orders.size(), 2U);
  world.failing = {"mark", "unlink remote/7"};
  world.answer(orders[0], kYes);
  world.answer(orders[1], kYes);
  (void)world.take_log();
  for (int round = 0; round < 20; ++round) {
    world.pass_time(kFailedStep + Seconds(1));
    world.settle(false);
    EXPECT_TRUE(world.take_orders().empty());
  }
  EXPECT_EQ(world.take_log().find("trouble marking"), std::string::npos);
  world.failing = {};
  world.pass_time(kFailedStep + Seconds(1));
  world.settle(false);
  EXPECT_TRUE(world.take_orders().empty());
  EXPECT_FALSE(world.files.contains("info/7"));
}

TEST(Unmarked, TheMarkIsWrittenWhenItCanBe) {
  World world = started();
  world.add_queued(7, "s@h", "", "Tone@x\0Ttwo@x\0"s, Seconds(100));
  world.restart();
  world.start();
  const auto orders = world.take_orders();
  world.failing = {"mark"};
  world.answer(orders[0], kYes);
  world.answer(orders[1], kLater);
  EXPECT_EQ(world.files["remote/7"], "Tone@x\0Ttwo@x\0"s);
  world.failing = {};
  world.pass_time(kFailedStep + Seconds(1));
  world.settle(false);
  EXPECT_EQ(world.files["remote/7"], "Done@x\0Ttwo@x\0"s);
}

TEST(Unmarked, TermTriesOnceMore) {
  World world = started();
  world.add_queued(7, "s@h", "", "Tone@x\0Ttwo@x\0"s, Seconds(100));
  world.restart();
  world.start();
  const auto orders = world.take_orders();
  world.failing = {"mark"};
  world.answer(orders[0], kYes);
  world.answer(orders[1], kLater);
  world.failing = {};
  world.give(Terminate{});
  world.settle(false);
  EXPECT_EQ(world.files["remote/7"], "Done@x\0Ttwo@x\0"s);
}

// --- Lists that are empty ---

TEST(EmptyList, IsKeptAndWarnedOf) {
  World world = started();
  world.add_queued(7, "s@h", "", "Tone@x\0"s, Seconds(100));
  world.files["local/7"] = "";
  world.times["local/7"] = world.now;
  world.restart();
  world.start();
  for (const World::Order& order : world.take_orders()) {
    world.answer(order, kYes);
  }
  EXPECT_NE(world.take_log().find("warning: local/7/7 is empty; message kept\n"),
            std::string::npos);
  EXPECT_TRUE(world.files.contains("local/7"));
  EXPECT_TRUE(world.files.contains("info/7"));
}

TEST(EmptyList, OfAMessageThatHadRecipientsIsKept) {
  World world = started();
  world.add_todo(7, "s@h", {"one@x"});
  world.settle_synced();
  world.answer(world.take_orders().at(0), kLater);
  world.pass_time(Seconds(100));
  world.files["remote/7"] = "";
  world.times["remote/7"] = world.now;
  world.pass_time(Seconds(10'000));
  world.settle();
  EXPECT_TRUE(world.files.contains("remote/7"));
  EXPECT_TRUE(world.files.contains("mess/7"));
  EXPECT_NE(world.take_log().find("is empty; message kept"), std::string::npos);
}

TEST(Stranded, IsKeptAndWarnedOf) {
  World world = started();
  world.add_queued(7, "s@h", "", "", Seconds(100));
  world.restart();
  world.give(MessageStranded{MessageId(7), "suppl0/7/7"});
  world.settle(false);
  EXPECT_EQ(world.take_log(),
            "warning: info/7/7 has no recipients but suppl0/7/7 is there; message kept\n");
  EXPECT_TRUE(world.files.contains("mess/7"));
}

}  // namespace
}  // namespace reqmail::scheduler::testing
