// One course of events after the other, each with its log.
#include "scheduler/scheduler.h"

#include <gtest/gtest.h>

#include "tests/unit/scheduler/world.h"

namespace reqmail::scheduler::testing {
namespace {

using namespace std::string_literals;

const std::string kIdle = "status: local 0/10 remote 0/20\n";

World started() {
  World world;
  world.start();
  EXPECT_EQ(world.take_log(), kIdle);
  return world;
}

TEST(Scheduler, ShortestLifeOfAMessage) {
  World world = started();
  world.add_todo(7, "s@h", {"u@me"});
  world.settle();
  const auto orders = world.take_orders();
  ASSERT_EQ(orders.size(), 1U);
  EXPECT_EQ(orders[0].channel, Channel::local);
  EXPECT_EQ(orders[0].slot, 0U);
  EXPECT_EQ(orders[0].sender, "s@h");
  EXPECT_EQ(orders[0].recipient, "u@me");
  // All files are written before the first delivery.
  EXPECT_EQ(world.files.at("info/7"), "Fs@h\0"s);
  EXPECT_EQ(world.files.at("local/7"), "Tu@me\0"s);
  EXPECT_FALSE(world.files.contains("remote/7"));
  EXPECT_TRUE(world.files.contains("todo/7"));
  world.answer(orders[0], kYes);
  EXPECT_EQ(world.take_log(),
            "new msg 7\n"
            "info msg 7: bytes 5 from <s@h> qp 42 uid 7\n"
            "starting delivery 1: msg 7 to local u@me\n"
            "status: local 1/10 remote 0/20\n"
            "delivery 1: success: yes/\n"
            "status: local 0/10 remote 0/20\n"
            "end msg 7\n");
  EXPECT_TRUE(world.files.empty());
  // The message was delivered within the time of grace, so there was no sync; todo is removed
  // first and mess last.
  EXPECT_EQ(world.syncs, 0U);
  EXPECT_EQ(world.cleans, (std::vector<std::string>{"todo/7", "foop/7"}));
}

TEST(Scheduler, EndOfAMessageStillInTodoKeepsItsMarksUntilTodoIsGone) {
  World world = started();
  world.add_todo(7, "s@h", {"u@me", "r@x"});
  world.settle();
  const auto orders = world.take_orders();
  ASSERT_EQ(orders.size(), 2U);
  world.clean_by_hand = true;
  world.sync_by_hand = true;
  world.answer(orders[0], kYes);
  // All local recipients are done, but the file is needed while todo/7 exists.
  EXPECT_EQ(world.files.at("local/7"), "Du@me\0"s);
  EXPECT_EQ(world.syncs, 1U);
  world.answer(orders[1], kYes);
  EXPECT_EQ(world.files.at("remote/7"), "Dr@x\0"s);
  ASSERT_EQ(world.by_hand.size(), 1U);
  world.give(world.by_hand.at(0));
  EXPECT_FALSE(world.files.contains("info/7"));
  EXPECT_FALSE(world.files.contains("todo/7"));
  EXPECT_TRUE(world.files.contains("local/7"));
  EXPECT_TRUE(world.files.contains("remote/7"));
  world.give(world.by_hand.at(1));
  EXPECT_FALSE(world.files.contains("local/7"));
  EXPECT_FALSE(world.files.contains("remote/7"));
  EXPECT_EQ(world.cleans, (std::vector<std::string>{"todo/7", "foop/7"}));
}

TEST(Scheduler, ADeferralLeavesTodoAtOnceAndIsTriedAgainInTime) {
  World world = started();
  world.add_todo(7, "s@h", {"r@x"});
  world.settle();
  world.pass_time(Seconds(2));
  world.answer(world.take_orders().at(0), kLater);
  EXPECT_EQ(world.cleans, std::vector<std::string>{"todo/7"});
  EXPECT_EQ(world.files.at("remote/7"), "Tr@x\0"s);
  world.take_log();
  // The first try was at birth, and the next one is 400 s after it.
  world.pass_time(Seconds(397));
  world.settle();
  EXPECT_TRUE(world.take_orders().empty());
  EXPECT_EQ(world.wait(), Seconds(1));
  world.pass_time(Seconds(1));
  world.settle();
  ASSERT_EQ(world.take_orders().size(), 1U);
  EXPECT_EQ(world.take_log(),
            "starting delivery 2: msg 7 to remote r@x\nstatus: local 0/10 remote 1/20\n");
}

TEST(Scheduler, AfterTheGraceTodoGoesAndDeliveriesGoOn) {
  World world = started();
  world.add_todo(7, "s@h", {"u@me"});
  world.settle_synced();
  EXPECT_EQ(world.syncs, 1U);
  EXPECT_EQ(world.cleans, std::vector<std::string>{"todo/7"});
  EXPECT_EQ(world.scheduler->unsynced(), 0U);
  world.answer(world.take_orders().at(0), kYes);
  EXPECT_TRUE(world.files.empty());
}

TEST(Scheduler, AFailedSyncIsWarnedOfAndTheFilesAreWrittenAnew) {
  World world = started();
  world.add_todo(7, "s@h", {"u@me"});
  world.failing = {"sync"};
  world.settle_synced();
  EXPECT_NE(world.take_log().find("warning: trouble fsyncing info/7/7\n"), std::string::npos);
  EXPECT_TRUE(world.files.contains("todo/7"));
  EXPECT_TRUE(world.cleans.empty());
  world.failing.clear();
  world.pass_time(kFailedStep);
  const Actions actions = world.scheduler->handle(Turn{}, {world.now, world.steady});
  ASSERT_EQ(actions.size(), 1U);
  EXPECT_TRUE(std::get<SyncMessage>(actions[0]).rewrite);
  world.give(Synced{MessageId(7), true});
  EXPECT_EQ(world.cleans, std::vector<std::string>{"todo/7"});
}

TEST(Scheduler, OneRecipientPerChannelAndTurn) {
  World world = started();
  world.add_todo(7, "s@h", {"a@me", "b@me", "a@x", "b@x", "c@x"});
  world.settle();
  std::string seen;
  for (const World::Order& order : world.take_orders()) {
    seen += order.recipient + " ";
  }
  EXPECT_EQ(seen, "a@me a@x b@me b@x c@x ");
}

TEST(Scheduler, FailureIsNotedDownBeforeItIsMarked) {
  World world = started();
  world.add_todo(7, "s@h", {"bad@x", "soft@x"});
  world.settle();
  const auto orders = world.take_orders();
  world.note_by_hand = true;
  world.answer(orders.at(0), kNo);
  EXPECT_EQ(world.files.at("bounce/7"), "<bad@x>:\nno\n\n");
  EXPECT_EQ(world.files.at("remote/7"), "Tbad@x\0Tsoft@x\0"s);
  // Reports are processed in turn.
  world.answer(orders.at(1), kLater);
  world.take_log();
  world.give(world.by_hand.at(0));
  world.settle(false);
  EXPECT_EQ(world.files.at("remote/7"), "Dbad@x\0Tsoft@x\0"s);
  EXPECT_EQ(world.take_log(),
            "delivery 1: failure: no/\nstatus: local 0/10 remote 1/20\n"
            "delivery 2: deferral: later/\nstatus: local 0/10 remote 0/20\n");
}

TEST(Scheduler, FailuresOfOneMessageAreNotedDownTogether) {
  World world = started();
  world.add_todo(7, "s@h", {"a@x", "b@x", "c@x"});
  world.settle();
  const auto orders = world.take_orders();
  world.note_by_hand = true;
  world.answer(orders.at(0), kNo);
  world.answer(orders.at(1), kNo);
  world.answer(orders.at(2), kNo);
  ASSERT_EQ(world.by_hand.size(), 1U);
  world.give(world.by_hand.at(0));
  ASSERT_EQ(world.by_hand.size(), 2U);
  world.note_by_hand = false;
  world.give(world.by_hand.at(1));
  world.settle(false);
  ASSERT_EQ(world.bounces.size(), 1U);
  EXPECT_EQ(world.bounces[0].second, "<a@x>:\nno\n\n<b@x>:\nno\n\n<c@x>:\nno\n\n");
  EXPECT_TRUE(world.files.empty());
}

TEST(Scheduler, TheBounceGoesOutWithTheLastRecipient) {
  World world = started();
  world.add_todo(7, "s@h", {"bad@x"});
  world.settle();
  world.take_log();
  world.answer(world.take_orders().at(0), kNo);
  EXPECT_EQ(world.take_log(),
            "delivery 1: failure: no/\nstatus: local 0/10 remote 0/20\n"
            "bounce msg 7 qp 77\nend msg 7\n");
  EXPECT_TRUE(world.files.empty());
}

TEST(Scheduler, NewMailWaitsForTheEndOfABouncedMessage) {
  World world = started();
  world.add_todo(7, "s@h", {"bad@x"});
  world.settle();
  world.take_log();
  world.clean_by_hand = true;
  world.add_todo(8, "", {"s@h"});
  world.answer(world.take_orders().at(0), kNo);
  world.settle();
  EXPECT_TRUE(world.take_orders().empty());
  world.give(world.by_hand.at(0));
  world.give(world.by_hand.at(1));
  world.settle(false);
  EXPECT_EQ(world.take_orders().size(), 1U);
  const std::string log = world.take_log();
  EXPECT_LT(log.find("end msg 7"), log.find("new msg 8"));
}

TEST(Scheduler, ABounceThatCannotBeQueuedIsTriedLater) {
  World world = started();
  world.add_todo(7, "s@h", {"bad@x"});
  world.settle();
  world.failing = {"bounce"};
  world.take_log();
  world.answer(world.take_orders().at(0), kNo);
  EXPECT_EQ(world.take_log(),
            "delivery 1: failure: no/\nstatus: local 0/10 remote 0/20\n"
            "warning: trouble injecting bounce message, will try later\n");
  // The message leaves todo meanwhile, and is not tried again at once.
  EXPECT_FALSE(world.files.contains("todo/7"));
  EXPECT_TRUE(world.files.contains("bounce/7"));
  EXPECT_TRUE(world.files.contains("info/7"));
  world.failing.clear();
  world.pass_time(kFailedStep - Seconds(1));
  world.settle();
  EXPECT_TRUE(world.bounces.empty());
  world.pass_time(Seconds(1));
  world.settle();
  EXPECT_EQ(world.bounces.size(), 1U);
  EXPECT_TRUE(world.files.empty());
}

// A queue program may take any time.
TEST(Scheduler, WhileABounceIsBeingQueuedOtherMailGoesOn) {
  World world = started();
  world.bounce_by_hand = true;
  world.add_todo(7, "s@h", {"bad@x"});
  world.settle();
  world.answer(world.take_orders().at(0), kNo);
  ASSERT_EQ(world.by_hand.size(), 1U);
  world.add_todo(8, "s@h", {"good@x"});
  world.settle();
  world.answer(world.take_orders().at(0), kYes);
  EXPECT_FALSE(world.files.contains("mess/8"));
  EXPECT_TRUE(world.files.contains("bounce/7") || world.files.contains("mess/7"));
  world.take_log();
  world.give(world.by_hand.at(0));
  world.settle();
  EXPECT_EQ(world.take_log(), "bounce msg 7 qp 77\nend msg 7\n");
  EXPECT_EQ(world.bounces.size(), 1U);
  EXPECT_TRUE(world.files.empty());
}

TEST(Scheduler, AMessageWhoseBounceTakesLongLeavesTodo) {
  for (const bool queued : {true, false}) {
    World world = started();
    world.bounce_by_hand = true;
    world.add_todo(7, "s@h", {"bad@x"});
    world.settle();
    world.failing = queued ? std::set<std::string>() : std::set<std::string>{"bounce"};
    world.answer(world.take_orders().at(0), kNo);
    world.settle_synced();
    EXPECT_FALSE(world.files.contains("todo/7"));
    EXPECT_TRUE(world.files.contains("info/7"));
    EXPECT_EQ(world.by_hand.size(), 1U);
    world.give(world.by_hand.at(0));
    world.settle();
    EXPECT_EQ(world.files.contains("info/7"), !queued);
    world.failing.clear();
    world.pass_time(kFailedStep);
    world.settle();
    if (!queued) {
      ASSERT_EQ(world.by_hand.size(), 2U);
      world.give(world.by_hand.at(1));
    }
    world.settle();
    EXPECT_EQ(world.bounces.size(), 1U);
    EXPECT_TRUE(world.files.empty());
  }
}

TEST(Scheduler, ABounceIsQueuedOnceThoughOtherStepsFailMeanwhile) {
  World world = started();
  world.add_todo(7, "s@h", {"bad@x"});
  world.settle_synced();
  world.failing = {"unlink remote"};
  world.answer(world.take_orders().at(0), kNo);
  world.bounce_by_hand = true;
  world.failing.clear();
  for (int i = 0; i < 3; ++i) {
    world.pass_time(kFailedStep);
    world.settle();
  }
  ASSERT_EQ(world.by_hand.size(), 1U);
  world.give(world.by_hand.at(0));
  world.settle();
  EXPECT_EQ(world.bounces.size(), 1U);
  EXPECT_TRUE(world.files.empty());
}

// The end of the queue program may be noticed after its message has been found.
TEST(Scheduler, ABounceIsAnnouncedAfterTheEndOfTheMessageThatBounced) {
  SchedulerConfig config = World::default_config();
  config.own_uid = 7;
  World world(config);
  world.start();
  world.bounce_by_hand = true;
  world.add_todo(7, "s@h", {"bad@x"});
  world.settle();
  world.answer(world.take_orders().at(0), kNo);
  world.add_todo(8, "", {"s@h"});
  world.take_log();
  world.settle();
  world.settle();
  EXPECT_EQ(world.take_log(), "");
  world.give(world.by_hand.at(0));
  world.settle();
  const std::string log = world.take_log();
  EXPECT_TRUE(log.starts_with("bounce msg 7 qp 77\nend msg 7\nnew msg 8\n")) << log;
  EXPECT_EQ(world.take_orders().size(), 1U);
}

TEST(Scheduler, ABounceWaitsForOthersUnderWayForAMomentOnly) {
  SchedulerConfig config = World::default_config();
  config.own_uid = 7;
  World world(config);
  world.start();
  world.bounce_by_hand = true;
  world.add_todo(7, "s@h", {"bad@x"});
  world.settle();
  world.answer(world.take_orders().at(0), kNo);
  world.add_todo(8, "", {"s@h"});
  world.settle();
  EXPECT_TRUE(world.take_orders().empty());
  EXPECT_EQ(world.wait(), NewMailGate::kMost);
  world.pass_time(Seconds(4));
  world.settle();
  EXPECT_TRUE(world.take_orders().empty());
  world.pass_time(Seconds(1));
  world.settle(false);
  EXPECT_EQ(world.take_orders().size(), 1U);
}

TEST(Scheduler, TermWaitsForABounceThatIsBeingQueued) {
  for (const bool queued : {true, false}) {
    World world = started();
    world.bounce_by_hand = true;
    world.failing = queued ? std::set<std::string>() : std::set<std::string>{"bounce"};
    world.add_todo(7, "s@h", {"bad@x"});
    world.settle();
    world.answer(world.take_orders().at(0), kNo);
    world.take_log();
    EXPECT_FALSE(world.hurried);
    world.give(Terminate{});
    world.settle(false);
    EXPECT_TRUE(world.hurried);
    EXPECT_FALSE(world.exited);
    world.give(world.by_hand.at(0));
    world.settle(false);
    EXPECT_TRUE(world.exited);
    EXPECT_EQ(world.files.contains("bounce/7"), !queued);
    EXPECT_EQ(world.take_log(),
              queued ? "bounce msg 7 qp 77\nend msg 7\nstatus: exiting\n"
                     : "warning: trouble injecting bounce message, will try later\n"
                       "status: exiting\n");
  }
}

TEST(Scheduler, ABounceThatIsLeftForTheNextQmailSendIsNoWarning) {
  World world = started();
  world.bounce_by_hand = true;
  world.failing = {"bounce"};
  world.add_todo(7, "s@h", {"bad@x"});
  world.settle();
  world.answer(world.take_orders().at(0), kNo);
  world.give(Terminate{});
  world.take_log();
  world.give(BounceInjected{MessageId(7), BounceOutcome::left, 0});
  world.settle(false);
  EXPECT_EQ(world.take_log(), "status: exiting\n");
  world.restart();
  world.bounce_by_hand = false;
  world.failing.clear();
  world.start();
  EXPECT_EQ(world.bounces.size(), 1U);
  EXPECT_TRUE(world.files.empty());
}

TEST(Scheduler, AFailureThatCannotBeNotedDownHoldsUpNoOther) {
  World world = started();
  world.add_todo(7, "s@h", {"bad@x", "good@x", "soft@x", "worse@x"});
  world.settle();
  const auto orders = world.take_orders();
  world.failing = {"append"};
  world.take_log();
  world.answer(orders.at(0), kNo);
  world.answer(orders.at(1), kYes);
  world.answer(orders.at(2), kLater);
  world.answer(orders.at(3), kNo);
  EXPECT_EQ(world.take_log(),
            "delivery 1: failure: no/\n"
            "alert: unable to append to bounce message; HELP! sleeping...\n"
            "delivery 2: success: yes/\n"
            "status: local 0/10 remote 3/20\n"
            "delivery 3: deferral: later/\n"
            "status: local 0/10 remote 2/20\n"
            "delivery 4: failure: no/\n");
  EXPECT_EQ(world.files.at("remote/7"), "Tbad@x\0Dgood@x\0Tsoft@x\0Tworse@x\0"s);
  world.pass_time(kAlertSleep);
  world.settle(false);
  EXPECT_EQ(world.take_log(), "alert: unable to append to bounce message; HELP! sleeping...\n");
  world.failing.clear();
  world.pass_time(kAlertSleep);
  world.settle(false);
  EXPECT_EQ(world.take_log(),
            "status: local 0/10 remote 1/20\n"
            "status: local 0/10 remote 0/20\n");
  EXPECT_EQ(world.files.at("remote/7"), "Dbad@x\0Dgood@x\0Tsoft@x\0Dworse@x\0"s);
  EXPECT_EQ(world.files.at("bounce/7"), "<bad@x>:\nno\n\n<worse@x>:\nno\n\n");
}

TEST(Scheduler, LastStatusComesBeforeTheEndThoughASpawnerIsLost) {
  World world = started();
  world.add_todo(7, "s@h", {"u@me", "r@x"});
  world.settle_synced();
  ASSERT_FALSE(world.files.contains("todo/7"));
  const auto orders = world.take_orders();
  world.give(ChannelLost{Channel::local});
  world.take_log();
  world.answer(orders.at(1), kYes);
  EXPECT_TRUE(world.exited);
  EXPECT_EQ(world.take_log(),
            "delivery 2: success: yes/\n"
            "status: local 1/10 remote 0/20 exitasap\n"
            "status: exiting\n");
}

TEST(Scheduler, EndIsLoggedBeforeWhatFailsInIt) {
  World world = started();
  world.add_todo(7, "s@h", {"r@x"});
  world.settle_synced();
  world.failing = {"unlink info"};
  world.answer(world.take_orders().at(0), kYes);
  const std::string end =
      "end msg 7\nwarning: unable to unlink info/7/7; will try again later\n";
  std::string log = world.take_log();
  EXPECT_TRUE(log.ends_with(end)) << log;
  world.failing = {"clean foop"};
  world.pass_time(kFailedStep);
  world.settle(false);
  EXPECT_EQ(world.take_log(), "end msg 7\nwarning: qmail-clean unable to clean up foop/7\n");
}

TEST(Scheduler, EndIsLoggedAlsoWhenCleanIsLostInIt) {
  World world = started();
  world.add_todo(7, "s@h", {"r@x"});
  world.settle_synced();
  world.clean_by_hand = true;
  world.answer(world.take_orders().at(0), kYes);
  world.take_log();
  world.give(CleanLost{});
  EXPECT_EQ(world.take_log(),
            "end msg 7\nalert: oh no! lost qmail-clean connection! dying...\n");
}

constexpr Time kToday = kClockWasSet + Seconds(200'000'000);

// The message was queued on a host whose clock began in 1970 and was set later.
TEST(Scheduler, LifetimeOfMailQueuedBeforeTheClockWasSetCountsFromTheFirstTry) {
  World world;
  world.now = kToday;
  world.add_queued(7, "s@h", "", "Tr@x\0"s, kToday - base::from_epoch(300));
  world.start();
  world.take_log();
  world.answer(world.take_orders().at(0), kLater);
  EXPECT_EQ(world.take_log(), "delivery 1: deferral: later/\nstatus: local 0/10 remote 0/20\n");
  EXPECT_EQ(world.times.at("info/7"), kToday);
  world.pass_time(Seconds(399));
  world.settle(false);
  EXPECT_TRUE(world.take_orders().empty());
  world.pass_time(Seconds(1));
  world.settle(false);
  EXPECT_EQ(world.take_orders().size(), 1U);
  world.restart();
  world.pass_time(kLifetime);
  world.start();
  world.take_log();
  world.answer(world.take_orders().at(0), kLater);
  EXPECT_NE(world.take_log().find("failure: later/I'm_not_going_to_try_again"),
            std::string::npos);
}

TEST(Scheduler, ClockThatIsSetBetweenQueueingAndTheSecondTry) {
  World world;
  world.now = base::from_epoch(100);
  world.start();
  world.add_todo(7, "s@h", {"r@x"});
  world.settle_synced();
  world.answer(world.take_orders().at(0), kLater);
  world.now = kToday;
  world.settle(false);
  world.take_log();
  world.answer(world.take_orders().at(0), kLater);
  EXPECT_EQ(world.take_log(), "delivery 2: deferral: later/\nstatus: local 0/10 remote 0/20\n");
}

TEST(Scheduler, TermDoesNotWaitForABounceThatCannotBeNotedDown) {
  World world = started();
  world.add_todo(7, "s@h", {"bad@x"});
  world.settle();
  world.failing = {"append"};
  world.answer(world.take_orders().at(0), kNo);
  world.give(Terminate{});
  world.settle(false);
  EXPECT_TRUE(world.exited);
  EXPECT_EQ(world.files.at("remote/7"), "Tbad@x\0"s);
}

TEST(Scheduler, TooOldMessagesFailAfterOneMoreTry) {
  World world;
  world.add_queued(7, "s@h", "", "Tr@x\0"s, kLifetime + Seconds(1));
  world.add_queued(8, "s@h", "", "Tr@y\0"s, kLifetime);
  world.start();
  auto orders = world.take_orders();
  ASSERT_EQ(orders.size(), 2U);
  world.take_log();
  world.answer(orders[0], kLater);
  world.answer(orders[1], kLater);
  EXPECT_EQ(world.take_log(),
            "delivery 1: failure: later/I'm_not_going_to_try_again;_this_message_has_been_in_"
            "the_queue_too_long./\n"
            "status: local 0/10 remote 1/20\n"
            "bounce msg 7 qp 77\nend msg 7\n"
            "delivery 2: deferral: later/\nstatus: local 0/10 remote 0/20\n");
}

TEST(Scheduler, MangledReportsDeferAndStrayReportsAreWarnedOf) {
  World world = started();
  world.add_todo(7, "s@h", {"r@x"});
  world.settle();
  auto order = world.take_orders().at(0);
  world.take_log();
  World::Order stray = order;
  stray.slot = 3;
  world.answer(stray, kYes);
  stray.slot = 200;
  world.answer(stray, kYes);
  world.answer(order, "qwhat");
  EXPECT_EQ(world.take_log(),
            "warning: internal error: delivery report out of range\n"
            "warning: internal error: delivery report out of range\n"
            "delivery 1: report mangled, will defer\n"
            "status: local 0/10 remote 0/20\n");
  EXPECT_EQ(world.files.at("remote/7"), "Tr@x\0"s);
}

TEST(Scheduler, ASlotReportsOnce) {
  World world = started();
  world.add_todo(7, "s@h", {"r@x", "s@x"});
  world.settle();
  const auto orders = world.take_orders();
  world.note_by_hand = true;
  world.give(Reported{Channel::remote, "\0Dno\0\0Kyes\0"s});
  world.take_log();
  world.give(world.by_hand.at(0));
  EXPECT_EQ(world.take_log(),
            "delivery 1: failure: no\nstatus: local 0/10 remote 1/20\n"
            "warning: internal error: delivery report out of range\n");
}

TEST(Scheduler, ConcurrencyIsTheSmallerOfControlAndSpawner) {
  World world;
  world.start(3, 0);
  EXPECT_EQ(world.take_log(), "status: local 0/3 remote 0/0\n");
  world.add_todo(7, "s@h", {"a@me", "b@me", "c@me", "d@me", "r@x"});
  world.settle();
  auto orders = world.take_orders();
  ASSERT_EQ(orders.size(), 3U);
  EXPECT_EQ(orders[2].slot, 2U);
  world.answer(orders[1], kYes);
  orders = world.take_orders();
  ASSERT_EQ(orders.size(), 1U);
  EXPECT_EQ(orders[0].slot, 1U);
  EXPECT_EQ(orders[0].recipient, "d@me");
}

TEST(Scheduler, ASpawnerThatTakesNothingMoreGetsNothing) {
  World world = started();
  world.give(ChannelWritable{Channel::local, false});
  world.add_todo(7, "s@h", {"a@me", "r@x"});
  world.settle();
  EXPECT_EQ(world.take_orders().size(), 1U);
  world.give(ChannelWritable{Channel::local, true});
  world.settle(false);
  EXPECT_EQ(world.take_orders().size(), 1U);
}

TEST(Scheduler, TermDrainsAndKeepsTheTimesOfNextTries) {
  World world = started();
  world.add_todo(7, "s@h", {"a@x", "b@x"});
  world.settle();
  const auto orders = world.take_orders();
  world.answer(orders.at(0), kLater);
  world.take_log();
  world.give(Terminate{});
  world.settle(false);
  EXPECT_FALSE(world.exited);
  world.add_todo(8, "s@h", {"late@x"});
  world.settle();
  EXPECT_TRUE(world.take_orders().empty());
  world.answer(orders.at(1), kLater);
  EXPECT_TRUE(world.exited);
  EXPECT_EQ(world.take_log(),
            "delivery 2: deferral: later/\nstatus: local 0/10 remote 0/20 exitasap\n"
            "status: exiting\n");
  EXPECT_EQ(world.times.at("remote/7"), base::from_epoch(1'000'000'000) + Seconds(400));
  EXPECT_TRUE(world.files.contains("todo/8"));
  EXPECT_FALSE(world.files.contains("todo/7"));
}

// If the clock is set back, second tries do not come later.
TEST(Scheduler, AClockThatIsSetBackHoldsUpNoSecondTry) {
  World world = started();
  world.add_todo(7, "s@h", {"bad@x"});
  world.add_todo(8, "s@h", {"good@x"});
  world.settle_synced();
  const auto orders = world.take_orders();
  world.failing = {"append", "unlink info"};
  world.answer(orders.at(0), kNo);
  world.answer(orders.at(1), kYes);
  EXPECT_TRUE(world.files.contains("info/8"));
  world.failing.clear();
  world.pass_time(-Seconds(86400));
  world.settle(false);
  world.pass_time(kAlertSleep);
  world.settle(false);
  EXPECT_FALSE(world.files.contains("mess/7"));
  world.pass_time(kFailedStep);
  world.settle(false);
  EXPECT_FALSE(world.files.contains("mess/8"));
}

// After TERM nothing is tried again, so no timer may wake qmail-send.
TEST(Scheduler, NothingButEventsWakesWhoHasGotTerm) {
  World world = started();
  world.add_todo(7, "s@h", {"a@x"});
  world.settle();
  const auto order = world.take_orders().at(0);
  world.failing = {"sync"};
  world.give(Terminate{});
  world.settle(false);
  EXPECT_FALSE(world.exited);
  EXPECT_FALSE(world.wait());
  world.answer(order, kYes);
  EXPECT_TRUE(world.exited);
}

// An administrator has removed a message by hand on a full disk.
TEST(Scheduler, MarksThatWaitDoNotCountForTheNextMessageOfThatNumber) {
  World world = started();
  world.add_todo(7, "s@h", {"a@x", "b@x"});
  world.settle_synced();
  auto orders = world.take_orders();
  world.failing = {"mark"};
  world.answer(orders.at(0), kYes);
  world.answer(orders.at(1), kLater);
  world.failing.clear();
  for (const char* directory : {"info", "remote", "mess"}) {
    world.files.erase(file_name(directory, 7));
  }
  world.add_todo(7, "s@h", {"new@x"});
  world.settle();
  orders = world.take_orders();
  ASSERT_EQ(orders.size(), 1U);
  EXPECT_EQ(orders[0].recipient, "new@x");
}

TEST(Scheduler, TermWaitsForSyncsUnderWayAndStartsThoseThatAreDue) {
  World world = started();
  world.add_todo(7, "s@h", {"a@x"});
  world.settle();
  const auto order = world.take_orders().at(0);
  world.sync_by_hand = true;
  world.clean_by_hand = true;
  world.give(Terminate{});
  EXPECT_EQ(world.syncs, 1U);
  world.answer(order, kLater);
  EXPECT_FALSE(world.exited);
  world.give(world.by_hand.at(0));
  EXPECT_FALSE(world.exited);
  world.give(world.by_hand.at(1));
  world.settle(false);
  EXPECT_TRUE(world.exited);
}

TEST(Scheduler, AMessageThatHasBegunToLeaveIsGoneBeforeTheEnd) {
  World world = started();
  world.add_todo(7, "s@h", {"a@x"});
  world.settle();
  const auto order = world.take_orders().at(0);
  world.clean_by_hand = true;
  world.answer(order, kYes);
  ASSERT_EQ(world.cleans.size(), 1U);
  world.give(Terminate{});
  EXPECT_FALSE(world.exited);
  // todo/7 is gone, and the remaining files have no info/7 by which they would be found again.
  world.give(world.by_hand.at(0));
  world.settle(false);
  EXPECT_FALSE(world.exited);
  EXPECT_FALSE(world.files.contains("remote/7"));
  ASSERT_EQ(world.cleans.size(), 2U);
  world.give(world.by_hand.at(1));
  world.settle(false);
  EXPECT_TRUE(world.exited);
}

TEST(Scheduler, UtimeTroubleIsWarnedOf) {
  World world = started();
  world.add_todo(7, "s@h", {"a@x"});
  world.settle();
  world.answer(world.take_orders().at(0), kLater);
  world.failing = {"utime"};
  world.take_log();
  world.give(Terminate{});
  world.settle(false);
  EXPECT_EQ(world.take_log(),
            "warning: unable to utime remote/7/7; message will be retried too soon\n"
            "status: exiting\n");
}

TEST(Scheduler, ALostSpawnerEndsItAfterTheOtherOne) {
  World world = started();
  world.add_todo(7, "s@h", {"a@me", "r@x"});
  world.settle();
  const auto orders = world.take_orders();
  world.take_log();
  world.give(ChannelLost{Channel::local});
  world.give(ChannelLost{Channel::local});
  EXPECT_FALSE(world.exited);
  world.answer(orders.at(1), kYes);
  EXPECT_TRUE(world.exited);
  EXPECT_EQ(world.take_log(),
            "alert: oh no! lost spawn connection! dying...\n"
            "delivery 2: success: yes/\n"
            "status: local 1/10 remote 0/20 exitasap\n"
            "status: exiting\n");
  EXPECT_EQ(world.files.at("local/7"), "Ta@me\0"s);
}

TEST(Scheduler, ALostCleanEndsItAfterTheDeliveries) {
  World world = started();
  world.add_todo(7, "s@h", {"a@me"});
  world.settle();
  const auto orders = world.take_orders();
  world.take_log();
  world.give(CleanLost{});
  world.answer(orders.at(0), kYes);
  EXPECT_TRUE(world.exited);
  EXPECT_EQ(world.take_log(),
            "alert: oh no! lost qmail-clean connection! dying...\n"
            "delivery 1: success: yes/\n"
            "status: local 0/10 remote 0/20 exitasap\n"
            "status: exiting\n");
}

TEST(Scheduler, WhatALostCleanLeavesIsEndedByTheNext) {
  for (const bool synced : {false, true}) {
    World world = started();
    world.add_todo(7, "s@h", {"a@me"});
    synced ? world.settle_synced() : world.settle();
    world.give(CleanLost{});
    world.answer(world.take_orders().at(0), kYes);
    ASSERT_TRUE(world.exited);
    ASSERT_TRUE(world.files.contains("info/7"));
    world.restart();
    world.start();
    EXPECT_TRUE(world.take_orders().empty());
    EXPECT_EQ(world.take_log(), kIdle + "end msg 7\n");
    EXPECT_TRUE(world.files.empty());
  }
}

TEST(Scheduler, WhatCleanRefusesIsWarnedOf) {
  World world = started();
  world.add_todo(7, "s@h", {"a@me"});
  world.settle_synced();
  world.failing = {"clean foop"};
  world.take_log();
  world.answer(world.take_orders().at(0), kYes);
  EXPECT_EQ(world.take_log(),
            "delivery 1: success: yes/\nstatus: local 0/10 remote 0/20\n"
            "end msg 7\nwarning: qmail-clean unable to clean up foop/7\n");
  EXPECT_EQ(world.scheduler->messages(), 0U);
}

TEST(Scheduler, TodoThatCleanRefusesIsTriedAgain) {
  World world = started();
  world.add_todo(7, "s@h", {"a@me"});
  world.failing = {"clean todo"};
  world.settle_synced();
  EXPECT_NE(world.take_log().find("warning: qmail-clean unable to clean up todo/7\n"),
            std::string::npos);
  world.failing.clear();
  world.settle();
  EXPECT_EQ(world.take_log(), "");
  world.pass_time(kFailedStep);
  world.settle();
  EXPECT_FALSE(world.files.contains("todo/7"));
  EXPECT_EQ(world.syncs, 1U);
}

TEST(Scheduler, AtARestartMarksAreKeptAndNothingIsAnnouncedAgain) {
  World world = started();
  world.add_todo(7, "s@h", {"a@me", "done@x", "open@x"});
  world.settle();
  const auto orders = world.take_orders();
  world.answer(orders.at(1), kYes);
  world.restart();
  world.start();
  EXPECT_EQ(world.take_log(), kIdle +
                                  "starting delivery 1: msg 7 to local a@me\n"
                                  "status: local 1/10 remote 0/20\n"
                                  "starting delivery 2: msg 7 to remote open@x\n"
                                  "status: local 1/10 remote 1/20\n");
  world.settle_synced();
  EXPECT_EQ(world.syncs, 1U);
  EXPECT_FALSE(world.files.contains("todo/7"));
}

TEST(Scheduler, AtARestartAnythingElseIsRebuilt) {
  const auto rebuilt = [](const std::function<void(World&)>& spoil) {
    World world;
    world.start();
    world.add_todo(7, "s@h", {"a@me", "r@x"});
    world.settle();
    world.answer(world.take_orders().at(0), kYes);
    world.files["bounce/7"] = "old";
    world.files["todo/7"] = world.files.contains("todo/7") ? world.files["todo/7"]
                                                           : "u7\0p42\0Fs@h\0Ta@me\0Tr@x\0"s;
    world.times["todo/7"] = world.now;
    world.files["local/7"] = "Da@me\0"s;
    world.times["local/7"] = world.now;
    spoil(world);
    world.restart();
    world.start();
    return world.take_orders().size() == 2 && !world.files.contains("bounce/7") &&
           world.take_log().find("new msg 7\n") != std::string::npos;
  };
  EXPECT_FALSE(rebuilt([](World&) {}));
  EXPECT_TRUE(rebuilt([](World& world) { world.files.erase("info/7"); }));
  EXPECT_TRUE(rebuilt([](World& world) { world.files["info/7"] = "Fs@h"; }));
  EXPECT_TRUE(rebuilt([](World& world) { world.files["info/7"] = "Fother@h\0"s; }));
  EXPECT_TRUE(rebuilt([](World& world) { world.files.erase("local/7"); }));
  EXPECT_TRUE(rebuilt([](World& world) { world.files["local/7"] = ""; }));
  EXPECT_TRUE(rebuilt([](World& world) { world.files["local/7"] = "Da@me"; }));
  EXPECT_TRUE(rebuilt([](World& world) { world.files["local/7"] = "Db@me\0"s; }));
  EXPECT_TRUE(rebuilt([](World& world) { world.files["remote/7"] += "Tz@x\0"s; }));
  EXPECT_TRUE(rebuilt([](World& world) { world.times["info/7"] -= Seconds(1); }));
  EXPECT_TRUE(rebuilt([](World& world) { world.times["local/7"] -= Seconds(1); }));
}

TEST(Scheduler, ACrashWhileAFinishedMessageLeavesBringsNothingBack) {
  World world = started();
  world.add_todo(7, "s@h", {"a@me", "r@x"});
  world.settle();
  const auto orders = world.take_orders();
  world.failing = {"clean todo"};
  world.sync_by_hand = true;
  world.answer(orders.at(0), kYes);
  world.answer(orders.at(1), kYes);
  world.give(world.by_hand.at(0));
  world.settle(false);
  ASSERT_TRUE(world.files.contains("todo/7"));
  ASSERT_FALSE(world.files.contains("info/7"));
  world.failing.clear();
  world.sync_by_hand = false;
  world.restart();
  world.start();
  EXPECT_TRUE(world.take_orders().empty());
  EXPECT_EQ(world.take_log(), kIdle + "end msg 7\n");
  EXPECT_TRUE(world.files.empty());
}

TEST(Scheduler, UnfinishedTodoEntriesStayWithAWarning) {
  for (const std::string& text :
       {""s, "u7\0p42\0"s, "Tr@x\0"s, "Fs@h\0Tr@x"s, "Fs@h\0Ta@x\0Tr@x"s}) {
    World world = started();
    world.files["todo/7"] = text;
    world.files["mess/7"] = "x";
    world.settle();
    EXPECT_EQ(world.take_log(), "warning: trouble reading todo/7\n");
    EXPECT_TRUE(world.take_orders().empty());
    EXPECT_EQ(world.files.size(), 2U);
  }
}

TEST(Scheduler, OddTodoEntries) {
  World world = started();
  world.files["mess/7"] = "x";
  world.files["todo/7"] = "u7001\0p5\0Fs@h\0Xwhat\0Tr@x\0"s;
  world.settle();
  EXPECT_EQ(world.take_log(),
            "new msg 7\ninfo msg 7: bytes 1 from <s@h> qp 5 uid 7001\n"
            "warning: unknown record type in todo/7\n");
  world.files["todo/7"] = "Fs@h\0u7001\0p5\0"s;
  world.settle();
  EXPECT_EQ(world.take_log(),
            "new msg 7\ninfo msg 7: bytes 1 from <s@h> qp 0 uid 0\nend msg 7\n");
}

TEST(Scheduler, TroublesOfPreprocessing) {
  World world = started();
  world.add_todo(7, "s@h", {"r@x"});
  world.failing = {"open todo"};
  world.settle();
  EXPECT_EQ(world.take_log(), "warning: unable to open todo/7\n");
  world.failing = {"create info"};
  world.settle();
  EXPECT_EQ(world.take_log(), "warning: unable to create info\n");
  world.failing = {"create remote"};
  world.settle();
  EXPECT_EQ(world.take_log(),
            "new msg 7\ninfo msg 7: bytes 5 from <s@h> qp 42 uid 7\n"
            "warning: unable to create remote/7\n");
  world.files.erase("mess/7");
  world.settle();
  EXPECT_EQ(world.take_log(), "warning: unable to stat mess/7/7\n");
  world.failing = {"list todo"};
  world.settle();
  EXPECT_EQ(world.take_log(), "alert: unable to opendir todo, sleeping...\n");
  EXPECT_EQ(world.wait(), kAlertSleep);
}

TEST(Scheduler, TroublesOfPasses) {
  const auto log_of = [](const std::string& what) {
    World world;
    world.add_queued(7, "s@h", "", "Ta@x\0Tb@x\0"s, Seconds(100));
    world.failing = {what};
    world.start();
    const std::string log = world.take_log();
    return log.substr(log.find('\n') + 1);
  };
  EXPECT_EQ(log_of("open info"), "warning: trouble opening info/7/7; will try again later\n");
  EXPECT_EQ(log_of("open remote"),
            "warning: trouble opening remote/7/7; will try again later\n");
  EXPECT_EQ(log_of("read remote"),
            "starting delivery 1: msg 7 to remote a@x\nstatus: local 0/10 remote 1/20\n"
            "warning: trouble reading remote/7/7; will try again later\n");
}

TEST(Scheduler, TheRestOfADamagedListWaits) {
  for (const std::string& rest : {"Xb@x\0"s, "\0"s, "Tb@x"s}) {
    World world;
    world.add_queued(7, "s@h", "", "Ta@x\0"s + rest, Seconds(100));
    world.start();
    const auto orders = world.take_orders();
    ASSERT_EQ(orders.size(), 1U);
    EXPECT_NE(world.take_log().find("warning: unknown record type in remote/7/7!\n"),
              std::string::npos);
    world.answer(orders[0], kYes);
    EXPECT_EQ(world.files.at("remote/7"), "Da@x\0"s + rest);
    EXPECT_EQ(world.wait(), kFailedStep);
  }
}

TEST(Scheduler, TroublesOfTheEnd) {
  World world;
  world.add_queued(7, "s@h", "", "Ta@x\0"s, Seconds(100));
  world.start();
  world.failing = {"mark", "unlink remote"};
  world.take_log();
  world.answer(world.take_orders().at(0), kYes);
  EXPECT_EQ(world.take_log(),
            "delivery 1: success: yes/\n"
            "warning: trouble marking remote/7/7; message will be delivered twice!\n"
            "warning: unable to unlink remote/7/7; will try again later\n"
            "status: local 0/10 remote 0/20\n");
  world.files["remote/7"] = "Da@x\0"s;
  world.failing = {"unlink info"};
  world.pass_time(kFailedStep);
  world.settle();
  EXPECT_EQ(world.take_log(),
            "end msg 7\n"
            "warning: unable to unlink info/7/7; will try again later\n");
  world.failing.clear();
  world.pass_time(kFailedStep);
  world.settle();
  EXPECT_EQ(world.take_log(), "end msg 7\n");
  EXPECT_TRUE(world.files.empty());
}

TEST(Scheduler, ABounceFileThatStaysIsAWarning) {
  World world;
  world.add_queued(7, "s@h", "", "", Seconds(100));
  world.files["bounce/7"] = "<r@x>:\nno\n\n";
  world.failing = {"unlink bounce"};
  world.start();
  EXPECT_EQ(world.take_log(),
            kIdle + "bounce msg 7 qp 77\nwarning: unable to unlink bounce/7\n");
  // The message is not sent again.
  world.pass_time(kFailedStep);
  world.settle();
  EXPECT_EQ(world.take_log(), "warning: unable to unlink bounce/7\n");
  world.failing.clear();
  world.pass_time(kFailedStep);
  world.settle();
  EXPECT_EQ(world.take_log(), "end msg 7\n");
  EXPECT_EQ(world.bounces.size(), 1U);
}

TEST(Scheduler, AFileThatCannotBeExaminedIsLookedAtAgain) {
  World world;
  world.add_queued(7, "s@h", "Ta@me\0"s, "", Seconds(100));
  world.failing = {"stat local/7"};
  world.start();
  EXPECT_EQ(world.take_log(),
            "warning: unable to stat local/7/7; will try again later\n" + kIdle);
  world.failing.clear();
  world.pass_time(kFailedStep);
  world.settle();
  EXPECT_EQ(world.take_orders().size(), 1U);
}

TEST(Scheduler, AlarmTriesAllAtOnce) {
  World world;
  for (std::uint64_t id = 1; id <= 3; ++id) {
    world.add_queued(id, "s@h", "Ta@me\0"s, "Tr@x\0"s, Seconds(3600));
    world.times[file_name("local", id)] = world.now + Seconds(5000);
    world.times[file_name("remote", id)] = world.now + Seconds(5000);
  }
  world.start();
  EXPECT_TRUE(world.take_orders().empty());
  world.give(Alarm{});
  world.settle(false);
  EXPECT_EQ(world.take_orders().size(), 6U);
}

TEST(Scheduler, FileTimesFarAheadCountAsTheLongestStep) {
  World world;
  world.add_queued(7, "s@h", "", "Tr@x\0"s, Seconds(3600));
  world.times["remote/7"] = world.now + Seconds(10'000'000);
  world.start();
  world.pass_time(longest_step(kLifetime, Channel::remote) - Seconds(1));
  world.settle();
  EXPECT_TRUE(world.take_orders().empty());
  world.pass_time(Seconds(1));
  world.settle();
  EXPECT_EQ(world.take_orders().size(), 1U);
}

TEST(Scheduler, AMessageFromTheFutureIsTriedAtOnce) {
  World world;
  world.add_queued(7, "s@h", "Tu@me\0"s, "", Seconds(-86400));
  world.start();
  EXPECT_EQ(world.take_orders().size(), 1U);
}

TEST(Scheduler, AClockSetBackWhileRunningDoesNotDelay) {
  World world = started();
  world.add_todo(7, "s@h", {"r@x"});
  world.settle();
  world.answer(world.take_orders().at(0), kLater);
  world.now -= Seconds(86400);
  world.settle();
  world.pass_time(Seconds(400));
  world.settle();
  EXPECT_EQ(world.take_orders().size(), 1U);
}

TEST(Scheduler, HupChangesRouting) {
  World world = started();
  world.give(Reread{{"other"}, {"v:alice"}});
  world.add_todo(7, "s@h", {"a@me", "b@other", "c@v"});
  world.settle();
  EXPECT_EQ(world.files.at("local/7"), "Tb@other\0Talice-c@v\0"s);
  EXPECT_EQ(world.files.at("remote/7"), "Ta@me\0"s);
  world.take_log();
  world.give(RereadFailed{"control/locals"});
  EXPECT_EQ(world.take_log(), "alert: unable to reread control/locals\n");
}

TEST(Scheduler, LeftoversGoUnlessTheMessageIsKnown) {
  World world = started();
  world.add_todo(7, "s@h", {"r@x"});
  world.settle();
  world.files["mess/8"] = "x";
  world.files["local/8"] = "stray";
  world.give(LeftoverFound{MessageId(7)});
  world.give(LeftoverFound{MessageId(8)});
  world.settle(false);
  EXPECT_EQ(world.cleans, std::vector<std::string>{"foop/8"});
  EXPECT_FALSE(world.files.contains("local/8"));
  EXPECT_EQ(world.take_log().find("end msg"), std::string::npos);
}

TEST(Scheduler, ANumberInUseAgainWaitsForTheEndOfTheOldMessage) {
  World world = started();
  world.add_todo(7, "s@h", {"a@me"});
  world.settle();
  world.clean_by_hand = true;
  world.answer(world.take_orders().at(0), kYes);
  world.give(world.by_hand.at(0));
  // mess/7 is gone, the answer has not come yet, and a new message gets the number.
  world.add_todo(7, "t@h", {"b@me"});
  world.settle();
  EXPECT_TRUE(world.take_orders().empty());
  world.take_log();
  world.give(world.by_hand.at(1));
  world.settle(false);
  EXPECT_EQ(world.take_log().substr(0, 20), "end msg 7\nnew msg 7\n");
  EXPECT_EQ(world.take_orders().size(), 1U);
}

TEST(Scheduler, LooksIntoTodoByItself) {
  World world = started();
  world.add_todo(7, "s@h", {"a@me"});
  world.pass_time(kRescan - Seconds(1));
  world.settle(false);
  EXPECT_TRUE(world.take_orders().empty());
  world.pass_time(Seconds(1));
  world.settle(false);
  EXPECT_EQ(world.take_orders().size(), 1U);
}

}  // namespace
}  // namespace reqmail::scheduler::testing
