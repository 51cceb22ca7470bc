// What qmail-send knows about messages, and small types that the parts of the scheduler share.
#include "scheduler/message.h"

#include <gtest/gtest.h>

#include <string>
#include <unordered_map>
#include <utility>

#include "scheduler/clean_line.h"
#include "scheduler/log_hold.h"
#include "scheduler/message_table.h"
#include "scheduler/new_mail_gate.h"
#include "scheduler/number_map.h"
#include "scheduler/timers.h"

namespace reqmail::scheduler {
namespace {

const MessageId kId(7);

Message leaving() {
  Message message;
  message.bounce = Bounce::none;
  message.end = End::due;
  return message;
}

TEST(Message, LegalStatesAreThose) {
  Message message;
  message.place[Channel::local] = Place::parked;
  message.place[Channel::remote] = Place::through;
  EXPECT_EQ(trouble_of(message), "");
  message.place[Channel::remote] = Place::parked;
  EXPECT_EQ(trouble_of(message), "");
  message = leaving();
  EXPECT_EQ(trouble_of(message), "");
  message.bounce = Bounce::running;
  EXPECT_EQ(trouble_of(message), "");
  message = leaving();
  message.end = End::without_info;
  message.stage = Stage::ending;
  EXPECT_EQ(trouble_of(message), "");
}

TEST(Message, EveryIllegalStateIsSeen) {
  Message message;
  EXPECT_NE(trouble_of(message), "") << "nothing is left to do, and it does not leave";
  message = leaving();
  message.place[Channel::remote] = Place::waiting;
  EXPECT_NE(trouble_of(message), "") << "it leaves with recipients";
  for (const End end : {End::put_off, End::without_info}) {
    message = leaving();
    message.end = end;
    message.bounce = Bounce::running;
    EXPECT_NE(trouble_of(message), "") << "a bounce is queued at the wrong time";
  }
  message = leaving();
  message.end = End::without_info;
  message.bounce = Bounce::possible;
  EXPECT_NE(trouble_of(message), "") << "info/N went before bounce/N";
  message = leaving();
  message.stage = Stage::ending;
  EXPECT_NE(trouble_of(message), "") << "mess/N goes before info/N";
}

TEST(MessageTable, CountsStagesAndNamesWhoIsInTrouble) {
  MessageTable table;
  Message& message = table.add(kId);
  message.place[Channel::local] = Place::waiting;
  EXPECT_EQ(table.unsynced(), 0U);
  table.set_stage(message, Stage::written);
  EXPECT_EQ(table.unsynced(), 1U);
  EXPECT_EQ(table.syncing(), 0U);
  table.set_stage(message, Stage::syncing);
  EXPECT_EQ(table.syncing(), 1U);
  EXPECT_EQ(table.trouble(), "");
  message.place[Channel::local] = Place::none;
  EXPECT_TRUE(table.trouble().starts_with("message 7: ")) << table.trouble();
  table.erase(kId);
  EXPECT_EQ(table.unsynced() + table.syncing() + table.size(), 0U);
  EXPECT_EQ(table.find(kId), nullptr);
}

TEST(MessageTable, ThoseWhoLeaveDoSoInTheirOrder) {
  MessageTable table;
  for (const std::uint64_t id : {3U, 1U}) {
    table.finish(MessageId(id), table.add(MessageId(id)));
  }
  table.finish_again(kId);
  EXPECT_EQ(table.find(MessageId(3))->end, End::due);
  EXPECT_EQ(table.take_leaving()->number(), 3U);
  EXPECT_EQ(table.take_leaving()->number(), 1U);
  EXPECT_TRUE(table.any_leaving());
  EXPECT_EQ(table.take_leaving()->number(), 7U);
  EXPECT_FALSE(table.take_leaving());
}

TEST(MessageTable, WhatIsFreshHasALimit) {
  MessageTable table;
  const auto keeps = [&table](std::uint64_t id, std::size_t size) {
    (void)table.add(MessageId(id));
    FreshData fresh;
    fresh.records[Channel::remote] = std::string(size, 'r');
    return table.keep_fresh(MessageId(id), std::move(fresh));
  };
  EXPECT_FALSE(keeps(1000, (std::size_t{64} << 10) + 1));
  std::uint64_t kept = 0;
  while (kept < 1000 && keeps(kept, std::size_t{64} << 10)) {
    ++kept;
  }
  EXPECT_EQ(kept, 128U);
  EXPECT_EQ(table.take_fresh(MessageId(0), Channel::remote)->records.size(),
            std::size_t{64} << 10);
  EXPECT_FALSE(table.take_fresh(MessageId(0), Channel::remote));
  EXPECT_TRUE(keeps(2000, 1));
  table.erase(MessageId(1));
  EXPECT_TRUE(keeps(2001, std::size_t{64} << 10));
}

TEST(MessageTable, EachChannelTakesItsFreshList) {
  MessageTable table;
  FreshData fresh{"s@h", base::from_epoch(1000), {{"Ta", "Tb"}}};
  ASSERT_TRUE(table.keep_fresh(kId, fresh));
  const auto remote = table.take_fresh(kId, Channel::remote);
  ASSERT_TRUE(remote);
  EXPECT_EQ(remote->records, "Tb");
  const auto local = table.take_fresh(kId, Channel::local);
  ASSERT_TRUE(local);
  EXPECT_EQ(local->sender, "s@h");
  EXPECT_EQ(local->birth, base::from_epoch(1000));
  EXPECT_EQ(local->records, "Ta");
  EXPECT_FALSE(table.take_fresh(kId, Channel::local));
}

// Compares it with a map of the library, with consecutive numbers and others.
TEST(NumberMap, IsAMap) {
  NumberMap<int> map;
  std::unordered_map<std::uint64_t, int> model;
  std::uint64_t random = 1;
  for (int i = 0; i < 200'000; ++i) {
    random = random * 6364136223846793005U + 1442695040888963407U;
    const std::uint64_t choice = random >> 40U;
    const std::uint64_t number =
        choice % 2 == 0 ? choice / 2 % 3000 : (choice / 2 % 3000) << 32U;
    if (choice % 5 < 2) {
      map.erase(number);
      model.erase(number);
    } else {
      map[number] += i;
      model[number] += i;
    }
    ASSERT_EQ(map.size(), model.size());
    const auto expected = model.find(number);
    const int* found = map.find(number);
    ASSERT_EQ(found == nullptr ? -1 : *found, expected == model.end() ? -1 : expected->second);
  }
  std::unordered_map<std::uint64_t, int> all;
  map.for_each([&all](std::uint64_t number, int value) { all[number] = value; });
  EXPECT_EQ(all, model);
}

TEST(Timers, GiveWhatIsDueInItsOrder) {
  Timers<char> timers;
  EXPECT_FALSE(timers.first());
  timers.add(Steady(20), 'b');
  timers.add(Steady(10), 'a');
  timers.add(Steady(20), 'c');
  EXPECT_EQ(timers.first(), Steady(10));
  EXPECT_FALSE(timers.take_due(Steady(9)));
  std::string taken;
  while (const auto what = timers.take_due(Steady(20))) {
    taken.push_back(*what);
  }
  EXPECT_EQ(taken, "abc");
  using Maybe = std::optional<int>;
  EXPECT_EQ(earlier(Maybe(), Maybe(2)), Maybe(2));
  EXPECT_EQ(earlier(Maybe(2), Maybe()), Maybe(2));
  EXPECT_EQ(earlier(Maybe(2), Maybe(1)), Maybe(1));
  EXPECT_EQ(earlier(Maybe(), Maybe()), Maybe());
}

TEST(LogHold, WaitsForAllOfThemAndNotForLong) {
  LogHold hold;
  EXPECT_FALSE(hold.holds());
  EXPECT_FALSE(hold.first());
  hold.hold(kId, Steady(1000));
  hold.hold(MessageId(8), Steady(1050));
  hold.release(kId);
  EXPECT_TRUE(hold.holds());
  hold.release(MessageId(8));
  EXPECT_FALSE(hold.holds());
  hold.hold(kId, Steady(2000));
  EXPECT_EQ(hold.first(), Steady(2100));
  hold.turn(Steady(2099));
  EXPECT_TRUE(hold.holds());
  hold.turn(Steady(2100));
  EXPECT_FALSE(hold.holds());
}

TEST(CleanLine, AsksNobodyWhoIsGone) {
  Context context(23);
  CleanLine clean;
  clean.ask(mail::CleanKind::foop, kId, context);
  EXPECT_EQ(context.actions.size(), 1U);
  EXPECT_FALSE(clean.at_rest());
  EXPECT_TRUE(clean.lose());
  EXPECT_FALSE(clean.lose());
  clean.ask(mail::CleanKind::foop, kId, context);
  EXPECT_EQ(context.actions.size(), 1U);
  EXPECT_TRUE(clean.at_rest());
}

TEST(NewMailGate, OnlyOwnMailWaitsForBouncesUnderWay) {
  NewMailGate gate(1000);
  EXPECT_FALSE(gate.waits(kId, 1000, Steady(0)));
  gate.bounce_began();
  EXPECT_FALSE(gate.waits(kId, 1001, Steady(0)));
  EXPECT_FALSE(gate.waits(kId, std::nullopt, Steady(0)));
  EXPECT_TRUE(gate.waits(kId, 1000, Steady(0)));
  EXPECT_TRUE(gate.knows(kId));
  EXPECT_TRUE(gate.take_ready(Steady(1)).empty());
  gate.bounce_ended();
  EXPECT_EQ(gate.take_ready(Steady(1)).size(), 1U);
  EXPECT_TRUE(gate.take_ready(Steady(1)).empty()) << "given out once";
  EXPECT_FALSE(gate.waits(kId, 1000, Steady(1)));
  EXPECT_FALSE(gate.knows(kId));
  EXPECT_FALSE(NewMailGate(std::nullopt).waits(kId, 0, Steady(0)));
}

TEST(NewMailGate, NobodyWaitsForLong) {
  NewMailGate gate(1000);
  gate.bounce_began();
  EXPECT_TRUE(gate.waits(kId, 1000, Steady(100)));
  EXPECT_EQ(gate.first(), Steady(100) + NewMailGate::kMost);
  // A new listing of todo does not restart the time.
  EXPECT_TRUE(gate.waits(kId, 1000, Steady(2000)));
  EXPECT_EQ(gate.take_ready(*gate.first()).size(), 1U);
  EXPECT_FALSE(gate.first());
  gate.take_back();
  EXPECT_EQ(gate.take_ready(Steady(100) + NewMailGate::kMost).size(), 1U);
  EXPECT_FALSE(gate.waits(kId, 1000, Steady(100) + NewMailGate::kMost));
}

TEST(NewMailGate, IsClosedWhileABouncedMessageLeaves) {
  NewMailGate gate(std::nullopt);
  gate.close_for(kId);
  gate.close_for(kId);
  gate.close_for(MessageId(8));
  gate.open_for(kId);
  EXPECT_TRUE(gate.closed());
  gate.open_for(MessageId(8));
  EXPECT_FALSE(gate.closed());
}

}  // namespace
}  // namespace reqmail::scheduler
