// Each part of the scheduler alone: the actions that follow from an event. (scheduler_test.cc
// tests them together.)
#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "scheduler/durability.h"
#include "scheduler/endings.h"
#include "scheduler/intake.h"
#include "scheduler/marks.h"
#include "scheduler/passes.h"
#include "scheduler/reports.h"

namespace reqmail::scheduler {
namespace {

using namespace std::string_literals;

const MessageId kId(7);
constexpr Seconds kLifetime{604800};

struct Part : ::testing::Test {
  // Returns the actions of this type since the last call of done().
  template <typename What>
  std::vector<What> of() const {
    std::vector<What> found;
    for (const Action& action : context.actions) {
      if (const What* what = std::get_if<What>(&action)) {
        found.push_back(*what);
      }
    }
    return found;
  }

  // Returns the only action since then; the test fails if there are none or several.
  template <typename What>
  What only() {
    EXPECT_EQ(context.actions.size(), 1U);
    const auto found = of<What>();
    context.actions.clear();
    return found.at(0);
  }

  std::string log() {
    std::string text;
    for (const Log& line : of<Log>()) {
      text += line.line;
    }
    context.actions.clear();
    return text;
  }

  Message& message(Stage stage, Place local = Place::none, Place remote = Place::none) {
    Message& made = context.messages.add(kId);
    context.messages.set_stage(made, stage);
    made.bounce = Bounce::none;
    made.place = {{local, remote}};
    made.end = made.all_through() ? End::due : End::none;
    return made;
  }

  // Begins a delivery of a message that came in this run.
  void begin_delivery(const std::string& recipient) {
    passes.on(Started{{{10, 10}}}, context);
    Message& made = message(Stage::written);
    made.end = End::none;
    FreshData fresh{"s@h", context.now.date, {}};
    fresh.records[Channel::remote] = "T" + recipient + "\0"s;
    ASSERT_TRUE(context.messages.keep_fresh(kId, std::move(fresh)));
    passes.wait(Channel::remote, kId, context.now.date, context);
    context.actions.clear();
    passes.turn(context);
  }

  Part() { context.now = {base::from_epoch(1'000'000'000), Steady(1000)}; }

  Context context{23};
  CleanLine clean;
  NewMailGate gate{std::nullopt};
  Durability durability{clean};
  Marks marks;
  Passes passes{{{{10, 20}}, kLifetime}, {}, durability, marks};
  Intake intake{
      Router::Controls{"me", {}, {"me"}, {}}, kLifetime, {gate, durability, marks, passes}};
  Reports reports{passes, intake.router()};
  Endings endings{{clean, gate, durability, marks, passes, intake}};
};

// --- Durability ---

using DurabilityPart = Part;

TEST_F(DurabilityPart, SyncsAfterTheGraceThenAsksForTodo) {
  const Message& made = message(Stage::written, Place::open, Place::through);
  durability.begin(kId, context);
  EXPECT_EQ(durability.first(), context.now.steady + Durability::kGrace);
  context.now.steady += Durability::kGrace - Steady(1);
  durability.turn(context);
  EXPECT_TRUE(context.actions.empty());
  context.now.steady += Steady(1);
  durability.turn(context);
  const auto sync = only<SyncMessage>();
  EXPECT_TRUE(sync.recipients[Channel::local] && sync.recipients[Channel::remote]);
  EXPECT_FALSE(sync.rewrite);
  EXPECT_EQ(made.stage, Stage::syncing);
  EXPECT_FALSE(durability.on(Synced{kId, true}, context));
  EXPECT_EQ(only<AskClean>().kind, mail::CleanKind::todo);
  EXPECT_EQ(made.stage, Stage::cleaning);
  EXPECT_FALSE(durability.todo_cleaned({mail::CleanKind::todo, kId, true}, context));
  EXPECT_EQ(made.stage, Stage::queued);
  // Its recipients are done, so the file is not needed any more.
  EXPECT_EQ(only<RemoveRecipients>().channel, Channel::remote);
}

TEST_F(DurabilityPart, AFailedSyncIsRepeatedWithNewFiles) {
  Message& made = message(Stage::syncing, Place::waiting);
  EXPECT_FALSE(durability.on(Synced{kId, false}, context));
  EXPECT_EQ(log(), "warning: trouble fsyncing info/7/7\n");
  EXPECT_EQ(made.stage, Stage::unsure);
  durability.leave_todo_before_log(kId, made, context);
  EXPECT_TRUE(context.actions.empty());
  context.now.steady += kFailedStep;
  durability.turn(context);
  EXPECT_TRUE(only<SyncMessage>().rewrite);
}

// A file whose sync has failed must not be trusted after another sync.
TEST_F(DurabilityPart, AFailedSyncIsRememberedAlsoIfTheMessageLeaves) {
  Message& made = message(Stage::syncing);
  EXPECT_TRUE(durability.on(Synced{kId, false}, context));
  EXPECT_EQ(made.stage, Stage::unsure);
  made.end = End::put_off;
  durability.leave_todo(kId, made, context);
  EXPECT_TRUE(only<SyncMessage>().rewrite);
}

TEST_F(DurabilityPart, TodoThatCouldNotBeRemovedIsAskedForAgain) {
  Message& made = message(Stage::cleaning, Place::waiting);
  EXPECT_FALSE(durability.todo_cleaned({mail::CleanKind::todo, kId, false}, context));
  EXPECT_EQ(made.stage, Stage::durable);
  context.now.steady += kFailedStep;
  durability.turn(context);
  EXPECT_EQ(only<AskClean>().kind, mail::CleanKind::todo);
}

TEST_F(DurabilityPart, TheLogWaitsForADeferral) {
  Message& made = message(Stage::written, Place::waiting);
  durability.leave_todo_before_log(kId, made, context);
  EXPECT_TRUE(context.log_hold.holds());
  EXPECT_FALSE(durability.on(Synced{kId, true}, context));
  EXPECT_TRUE(context.log_hold.holds());
  EXPECT_FALSE(durability.todo_cleaned({mail::CleanKind::todo, kId, false}, context));
  EXPECT_FALSE(context.log_hold.holds());
}

TEST_F(DurabilityPart, AtTheEndEveryMessageThatStaysLeavesTodo) {
  message(Stage::written, Place::waiting);
  durability.begin(kId, context);
  durability.end(context);
  EXPECT_EQ(of<SyncMessage>().size(), 1U);
  EXPECT_FALSE(durability.first());
}

// --- Marks ---

using MarksPart = Part;

TEST_F(MarksPart, AreTriedAgainUntilTheyAreWritten) {
  marks.on(MarkFailed{Channel::remote, kId, 5}, context);
  EXPECT_EQ(log(), "warning: trouble marking remote/7/7; message will be delivered twice!\n");
  EXPECT_TRUE(marks.contains(kId, Channel::remote, 5));
  EXPECT_FALSE(marks.contains(kId, Channel::local, 5));
  context.now.steady = *marks.first();
  marks.turn(context);
  EXPECT_EQ(only<MarkAgain>().offset, 5U);
  marks.on(MarkedAgain{Channel::remote, kId, 5, false}, context);
  EXPECT_TRUE(marks.contains(kId, Channel::remote, 5));
  marks.on(MarkedAgain{Channel::remote, kId, 5, true}, context);
  EXPECT_FALSE(marks.contains(kId, Channel::remote, 5));
}

TEST_F(MarksPart, AreForgottenWithTheirFile) {
  for (const std::uint64_t offset : {0U, 9U}) {
    marks.on(MarkFailed{Channel::local, kId, offset}, context);
    marks.on(MarkFailed{Channel::remote, kId, offset}, context);
    marks.on(MarkFailed{Channel::local, MessageId(8), offset}, context);
  }
  marks.forget(kId, Channel::local);
  EXPECT_FALSE(marks.contains(kId, Channel::local, 9));
  EXPECT_TRUE(marks.contains(kId, Channel::remote, 9));
  EXPECT_TRUE(marks.contains(MessageId(8), Channel::local, 9));
}

// --- Passes ---

using PassesPart = Part;

TEST_F(PassesPart, BeginADeliveryForAFreshMessageWithoutItsFile) {
  begin_delivery("r@x");
  ASSERT_EQ(of<StartDelivery>().size(), 1U);
  EXPECT_EQ(of<StartDelivery>()[0].recipient, "r@x");
  EXPECT_EQ(log(),
            "starting delivery 1: msg 7 to remote r@x\nstatus: local 0/10 remote 1/10\n");
  EXPECT_FALSE(passes.at_rest());
  ASSERT_NE(passes.delivery(Channel::remote, 0), nullptr);
  EXPECT_EQ(passes.delivery(Channel::remote, 1), nullptr);
}

TEST_F(PassesPart, ADoneDeliveryIsMarkedAndItsListIsThrough) {
  begin_delivery("r@x");
  passes.turn(context);
  context.actions.clear();
  passes.settle(Channel::remote, 0, {true, true, {}}, context);
  EXPECT_EQ(of<MarkDone>().size(), 1U);
  EXPECT_EQ(context.messages.find(kId)->place[Channel::remote], Place::through);
  EXPECT_EQ(context.messages.find(kId)->end, End::due);
  EXPECT_TRUE(passes.at_rest());
}

TEST_F(PassesPart, ADeferredDeliveryWaitsAndTheMessageLeavesTodo) {
  begin_delivery("r@x");
  passes.turn(context);
  context.actions.clear();
  passes.settle(Channel::remote, 0, {false, false, {}}, context);
  EXPECT_TRUE(of<MarkDone>().empty());
  EXPECT_EQ(of<SyncMessage>().size(), 1U);
  EXPECT_EQ(passes.first(), context.now.date + Seconds(400));
  passes.shift_back(Seconds(100));
  EXPECT_EQ(passes.first(), context.now.date + Seconds(300));
  context.actions.clear();
  passes.keep_times(context);
  EXPECT_EQ(only<Retime>().time, context.now.date + Seconds(300));
}

TEST_F(PassesPart, ALostSpawnerEndsQmailSendOnce) {
  passes.on(ChannelLost{Channel::local}, context);
  EXPECT_EQ(log(), "alert: oh no! lost spawn connection! dying...\n");
  EXPECT_TRUE(context.ending);
  passes.on(ChannelLost{Channel::local}, context);
  EXPECT_EQ(log(), "");
}

// --- Reports ---

using ReportsPart = Part;

TEST_F(ReportsPart, OfNoDeliveryAreWarnedOf) {
  reports.on(Reported{Channel::local, "\0Kyes\0"s}, context);
  EXPECT_EQ(log(), "warning: internal error: delivery report out of range\n");
}

TEST_F(ReportsPart, AFailureIsNotedBeforeItIsSettled) {
  begin_delivery("r@x");
  context.actions.clear();
  reports.on(Reported{Channel::remote, "\0Dno\n\0"s}, context);
  EXPECT_EQ(only<AppendBounce>().paragraph, "<r@x>:\nno\n\n");
  EXPECT_EQ(context.messages.find(kId)->bounce, Bounce::possible);
  EXPECT_FALSE(reports.at_rest());
  reports.on(BounceNoted{kId, true}, context);
  EXPECT_TRUE(reports.at_rest());
  EXPECT_EQ(of<MarkDone>().size(), 1U);
  EXPECT_EQ(log(), "delivery 1: failure: no/\nstatus: local 0/10 remote 0/10\n");
}

TEST_F(ReportsPart, AFailureThatCannotBeNotedIsTriedAgain) {
  begin_delivery("r@x");
  reports.on(Reported{Channel::remote, "\0Dno\n\0"s}, context);
  context.actions.clear();
  reports.on(BounceNoted{kId, false}, context);
  EXPECT_EQ(log(),
            "delivery 1: failure: no/\n"
            "alert: unable to append to bounce message; HELP! sleeping...\n");
  EXPECT_EQ(reports.first(), context.now.steady + kAlertSleep);
  reports.turn(context);
  EXPECT_TRUE(context.actions.empty());
  context.now.steady += kAlertSleep;
  reports.turn(context);
  EXPECT_EQ(only<AppendBounce>().id, kId);
  // When qmail-send ends, the bounce is given up and the recipient is not marked.
  context.end();
  reports.on(BounceNoted{kId, false}, context);
  EXPECT_TRUE(of<MarkDone>().empty());
  EXPECT_TRUE(passes.at_rest());
}

// --- Endings ---

using EndingsPart = Part;

TEST_F(EndingsPart, TakeTheFilesInTheirOrder) {
  Message& made = message(Stage::queued, Place::through, Place::through);
  made.bounce = Bounce::possible;
  context.messages.finish(kId, made);
  endings.turn(context);
  EXPECT_EQ(only<RemoveRecipients>().channel, Channel::local);
  endings.on(RecipientsRemoved{Channel::local, kId, true}, context);
  EXPECT_EQ(only<RemoveRecipients>().channel, Channel::remote);
  endings.on(RecipientsRemoved{Channel::remote, kId, true}, context);
  EXPECT_FALSE(only<InjectBounce>().sent);
  EXPECT_EQ(made.bounce, Bounce::running);
  EXPECT_FALSE(endings.at_rest(context));
  endings.on(BounceInjected{kId, BounceOutcome::sent, 99}, context);
  EXPECT_EQ(of<RemoveInfo>().size(), 1U);
  EXPECT_EQ(log(), "bounce msg 7 qp 99\n");
  EXPECT_TRUE(gate.closed());
  endings.on(InfoRemoved{kId, true}, context);
  EXPECT_EQ(only<AskClean>().kind, mail::CleanKind::foop);
  endings.on(CleanAnswered{mail::CleanKind::foop, kId, true}, context);
  EXPECT_EQ(log(), "end msg 7\n");
  EXPECT_FALSE(gate.closed());
  EXPECT_EQ(context.messages.size(), 0U);
  EXPECT_TRUE(endings.at_rest(context));
}

TEST_F(EndingsPart, WithTodoThereTheMarksStayUntilItIsGone) {
  Message& made = message(Stage::written, Place::through);
  context.messages.finish(kId, made);
  endings.turn(context);
  EXPECT_EQ(only<RemoveInfo>().id, kId);
  endings.on(InfoRemoved{kId, true}, context);
  EXPECT_EQ(only<AskClean>().kind, mail::CleanKind::todo);
  endings.on(CleanAnswered{mail::CleanKind::todo, kId, true}, context);
  EXPECT_EQ(only<RemoveRecipients>().channel, Channel::local);
}

TEST_F(EndingsPart, NothingButDurabilityGoesOnWhileABounceIsQueued) {
  Message& made = message(Stage::written, Place::through);
  made.bounce = Bounce::possible;
  context.messages.finish(kId, made);
  endings.turn(context);
  EXPECT_EQ(only<InjectBounce>().id, kId);
  durability.leave_todo(kId, made, context);
  EXPECT_EQ(only<SyncMessage>().id, kId);
  endings.on(Synced{kId, true}, context);
  EXPECT_EQ(only<AskClean>().kind, mail::CleanKind::todo);
  endings.on(CleanAnswered{mail::CleanKind::todo, kId, true}, context);
  EXPECT_EQ(only<RemoveRecipients>().channel, Channel::local);
  // This fails, and is tried again when the bounce is queued.
  endings.on(RecipientsRemoved{Channel::local, kId, false}, context);
  EXPECT_EQ(log(), "warning: unable to unlink local/7/7; will try again later\n");
  EXPECT_EQ(trouble_of(made), "");
  context.messages.finish_again(kId);
  endings.turn(context);
  EXPECT_TRUE(context.actions.empty());
  endings.on(BounceInjected{kId, BounceOutcome::sent, 99}, context);
  EXPECT_EQ(of<RemoveRecipients>().size(), 1U);
}

TEST_F(EndingsPart, ABounceThatFailsPutsTheEndOffAndTheMessageLeavesTodo) {
  Message& made = message(Stage::written, Place::through);
  made.bounce = Bounce::possible;
  context.messages.finish(kId, made);
  endings.turn(context);
  context.actions.clear();
  endings.on(BounceInjected{kId, BounceOutcome::trouble, 99}, context);
  EXPECT_EQ(of<SyncMessage>().size(), 1U);
  EXPECT_EQ(log(), "warning: trouble injecting bounce message, will try later\n");
  EXPECT_EQ(made.end, End::put_off);
  endings.on(Synced{kId, true}, context);
  endings.on(CleanAnswered{mail::CleanKind::todo, kId, true}, context);
  context.actions.clear();
  context.now.steady = *endings.first();
  endings.timers(context);
  endings.turn(context);
  EXPECT_EQ(only<RemoveRecipients>().id, kId);
}

TEST_F(EndingsPart, LeftoversGoUnlessTheyAreKnown) {
  endings.on(Started{}, context);
  endings.timers(context);
  EXPECT_EQ(of<SweepLeftovers>().size(), 1U);
  EXPECT_EQ(endings.first(), context.now.steady + kSweepInterval);
  context.actions.clear();
  endings.on(LeftoverFound{kId}, context);
  EXPECT_EQ(of<RemoveStrays>().size(), 1U);
  EXPECT_EQ(of<AskClean>().size(), 1U);
  context.actions.clear();
  message(Stage::queued, Place::waiting);
  endings.on(LeftoverFound{kId}, context);
  EXPECT_TRUE(context.actions.empty());
}

// --- Intake ---

using IntakePart = Part;

TEST_F(IntakePart, ALongTodoIsNotListedAgainAndAgain) {
  intake.on(Pulled{}, context);
  EXPECT_EQ(of<ListTodo>().size(), 1U);
  context.actions.clear();
  intake.on(TodoListed{std::vector<MessageId>(1000, kId), true}, context);
  intake.on(Pulled{}, context);
  intake.on(Pulled{}, context);
  EXPECT_TRUE(of<ListTodo>().empty());
  EXPECT_EQ(intake.first(), context.now.steady + Steady(10));
  context.now.steady += Steady(10);
  intake.turn(context);
  EXPECT_EQ(of<ListTodo>().size(), 1U);
}

TEST_F(IntakePart, ADirectoryThatCannotBeListedIsTriedAgain) {
  intake.on(ScanFailed{"info/3"}, context);
  EXPECT_EQ(log(), "alert: unable to opendir info/3, sleeping...\n");
  EXPECT_EQ(intake.first(), context.now.steady + kAlertSleep);
  intake.turn(context);
  EXPECT_TRUE(context.actions.empty());
  context.now.steady += kAlertSleep;
  intake.turn(context);
  EXPECT_EQ(of<RetryScan>().size(), 1U);
}

// Files of the old message may lie beside the new one.
TEST_F(IntakePart, ANumberInUseAgainIsNotFresh) {
  intake.on(MessageFound{kId, {{std::nullopt, context.now.date + Seconds(1000)}}}, context);
  intake.on(TodoListed{{kId}, false}, context);
  intake.turn(context);
  ASSERT_EQ(of<ReadTodo>().size(), 1U);
  const TodoFound found{kId, 5, {0, "u7\0p42\0Fs@h\0Ta@me\0"s, true}, std::nullopt};
  intake.on(found, context);
  EXPECT_FALSE(of<WriteTodoResult>().at(0).fresh);
}

TEST_F(IntakePart, ARoutedMessageWaitsOnItsChannels) {
  intake.on(TodoFound{kId, 5, {0, "u7\0p42\0Fs@h\0Ta@me\0Tr@x\0"s, true}, std::nullopt},
            context);
  const auto write = of<WriteTodoResult>().at(0);
  EXPECT_EQ(write.info, "Fs@h\0"s);
  EXPECT_EQ(write.recipients[Channel::local], "Ta@me\0"s);
  EXPECT_EQ(write.recipients[Channel::remote], "Tr@x\0"s);
  EXPECT_TRUE(write.fresh);
  context.actions.clear();
  intake.on(TodoWritten{kId, WriteOutcome::written, {}}, context);
  EXPECT_EQ(log(), "new msg 7\ninfo msg 7: bytes 5 from <s@h> qp 42 uid 7\n");
  const Message& made = *context.messages.find(kId);
  EXPECT_EQ(made.stage, Stage::written);
  EXPECT_EQ(made.place[Channel::local], Place::waiting);
  EXPECT_EQ(made.place[Channel::remote], Place::waiting);
  EXPECT_TRUE(context.messages.take_fresh(kId, Channel::remote));
}

}  // namespace
}  // namespace reqmail::scheduler
