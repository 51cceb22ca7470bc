// The types that the parts of the scheduler share: channels, events with their defaults, and
// the actions that follow from an event.
#include "scheduler/context.h"

#include <gtest/gtest.h>

#include <string>
#include <variant>

#include "scheduler/actions.h"
#include "scheduler/channel.h"
#include "scheduler/events.h"

namespace reqmail::scheduler {
namespace {

TEST(Channel, EachHasTheOtherAndItsFiles) {
  for (const Channel channel : kChannels) {
    EXPECT_NE(other(channel), channel);
    EXPECT_EQ(other(other(channel)), channel);
  }
  EXPECT_EQ(kind_of(Channel::local), mail::QueueKind::local);
  EXPECT_EQ(kind_of(Channel::remote), mail::QueueKind::remote);
  EXPECT_EQ(channel_name(Channel::local), "local");
  EXPECT_EQ(channel_name(Channel::remote), "remote");
}

TEST(Channel, AValueForEach) {
  PerChannel<int> values;
  EXPECT_EQ(values[Channel::local] + values[Channel::remote], 0);
  values[Channel::remote] = 2;
  const PerChannel<int> copy = values;
  EXPECT_EQ(copy[Channel::local], 0);
  EXPECT_EQ(copy[Channel::remote], 2);
  // The order of the initializers is that of kChannels.
  const PerChannel<int> both{{10, 20}};
  EXPECT_EQ(both[kChannels[0]], 10);
  EXPECT_EQ(both[kChannels[1]], 20);
}

TEST(Context, ActionsKeepTheirOrder) {
  Context context(23);
  context.act(ListTodo{});
  context.log("a line\n");
  context.act(RemoveInfo{MessageId(7)});
  ASSERT_EQ(context.actions.size(), 3U);
  EXPECT_TRUE(std::holds_alternative<ListTodo>(context.actions[0]));
  EXPECT_EQ(std::get<Log>(context.actions[1]).line, "a line\n");
  EXPECT_EQ(std::get<RemoveInfo>(context.actions[2]).id, MessageId(7));
}

TEST(Context, NamesFilesByTheSplit) {
  const Context context(23);
  EXPECT_EQ(context.info(MessageId(145)), "info/7/145");
  EXPECT_EQ(context.recipients(Channel::local, MessageId(145)), "local/7/145");
  EXPECT_EQ(context.recipients(Channel::remote, MessageId(145)), "remote/7/145");
  EXPECT_EQ(Context(1).info(MessageId(145)), "info/0/145");
}

TEST(Context, TheEndIsAskedForOnce) {
  Context context(1);
  EXPECT_FALSE(context.ending);
  context.end();
  context.end();
  EXPECT_TRUE(context.ending);
  EXPECT_TRUE(context.actions.empty());
}

// By default an answer means success, and that no more is to come.
TEST(Events, DefaultsOfAnswers) {
  const MessageId id(7);
  EXPECT_TRUE(Synced{id}.success);
  EXPECT_TRUE((CleanAnswered{mail::CleanKind::todo, id}.success));
  EXPECT_TRUE(BounceNoted{id}.success);
  EXPECT_TRUE((RecipientsRemoved{Channel::local, id}.success));
  EXPECT_TRUE(InfoRemoved{id}.success);
  EXPECT_EQ(BounceInjected{id}.outcome, BounceOutcome::none);
  EXPECT_TRUE(RecordChunk{}.last);
  EXPECT_EQ(RecordChunk{}.offset, 0U);
  const TodoCompared compared{id};
  EXPECT_TRUE(compared.same && compared.done[Channel::local] && compared.done[Channel::remote]);
  // Files about which nothing is known belong to this message.
  EXPECT_TRUE(Leftovers{}.younger_than_todo);
}

// By default a part is the whole.
TEST(Actions, DefaultsOfParts) {
  const MessageId id(7);
  const WriteTodoResult write{id, {}, {}};
  EXPECT_TRUE(write.first && write.last && !write.remove_bounce);
  const CompareTodo compare{id, {}};
  EXPECT_TRUE(compare.first && compare.last);
  EXPECT_TRUE(ReadTodoPart{id}.first);
  EXPECT_FALSE(ReadTodo{id}.restart);
  EXPECT_FALSE((SyncMessage{id, {}}.rewrite));
}

}  // namespace
}  // namespace reqmail::scheduler
