// Which deliveries become one transaction, and when.
#include "spawn/delivery_groups.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace reqmail::spawn {
namespace {

using Time = std::chrono::milliseconds;

RemoteOrder order(const std::string& recipient, const std::string& sender = "s",
                  const std::string& host = "h") {
  return {host, sender, "", {recipient}};
}

// As an order is handled. Returns whether the delivery has joined others.
bool add(DeliveryGroups& groups, const std::string& message, const RemoteOrder& order,
         unsigned slot, const GroupStart& start, Time now) {
  const bool joined =
      groups.join({message, order.host, order.sender, order.recipients.front(), slot}, now);
  if (!joined) {
    groups.begin(message, order, slot, start, now);
  }
  return joined;
}

std::vector<std::size_t> sizes(const std::vector<DeliveryGroup>& groups) {
  std::vector<std::size_t> found;
  for (const DeliveryGroup& group : groups) {
    EXPECT_EQ(group.slots.size(), group.order.recipients.size());
    found.push_back(group.slots.size());
  }
  return found;
}

TEST(DeliveryGroups, OnlyWithRoomForTwo) {
  EXPECT_FALSE(DeliveryGroups(0).are_wanted());
  EXPECT_FALSE(DeliveryGroups(1).are_wanted());
  EXPECT_TRUE(DeliveryGroups(2).are_wanted());
}

TEST(DeliveryGroups, OneMessageToOneHost) {
  DeliveryGroups groups(10);
  EXPECT_EQ(groups.first_due(), std::nullopt);
  add(groups, "0/1", order("a@h"), 4, {.message = 7, .program = {}, .forget = {}}, Time(100));
  EXPECT_EQ(groups.first_due(), Time(102));
  EXPECT_TRUE(add(groups, "0/1", order("b@h"), 2, {}, Time(102)));
  EXPECT_FALSE(add(groups, "0/2", order("b@h"), 3, {}, Time(103)));
  add(groups, "0/1", order("b@h", "t"), 5, {}, Time(103));
  add(groups, "0/1", order("b@h", "s", "i"), 6, {}, Time(103));
  EXPECT_EQ(groups.first_due(), Time(104));
  EXPECT_TRUE(groups.take_due(Time(103)).empty());
  auto due = groups.take_due(Time(104));
  ASSERT_EQ(sizes(due), std::vector<std::size_t>{2});
  EXPECT_EQ(due[0].message, "0/1");
  EXPECT_EQ(due[0].order.recipients, (std::vector<std::string>{"a@h", "b@h"}));
  EXPECT_EQ(due[0].slots, (std::vector<unsigned>{4, 2}));
  EXPECT_EQ(due[0].start.message, 7);
  EXPECT_EQ(sizes(groups.take_due(Time(105))), (std::vector<std::size_t>{1, 1, 1}));
  EXPECT_EQ(groups.first_due(), std::nullopt);
}

TEST(DeliveryGroups, NoneWaitsForRecipientsThatGoOnComing) {
  DeliveryGroups groups(100);
  for (std::int64_t time = 100; time <= 104; ++time) {
    add(groups, "0/1", order("a@h"), 1, {}, Time(time));
  }
  EXPECT_EQ(groups.first_due(), Time(105));
}

TEST(DeliveryGroups, AFullOneDoesNotWait) {
  DeliveryGroups groups(2);
  for (unsigned slot = 0; slot < 3; ++slot) {
    add(groups, "0/1", order("a@h"), slot, {}, Time(100));
  }
  EXPECT_EQ(sizes(groups.take_due(Time(100))), std::vector<std::size_t>{2});
  EXPECT_EQ(sizes(groups.take_due(Time(200))), std::vector<std::size_t>{1});
}

TEST(DeliveryGroups, RecipientsThatMayNeedMoreThanOthersAreAlone) {
  DeliveryGroups groups(10);
  for (const char* recipient : {"a@h", "\xc3\xa4@h", "b\nc@h", "d@h"}) {
    add(groups, "0/1", order(recipient), 1, {}, Time(100));
  }
  EXPECT_EQ(sizes(groups.take_due(Time(200))), (std::vector<std::size_t>{2, 1, 1}));
}

TEST(DeliveryGroups, LongRecipientsFillAGroup) {
  DeliveryGroups groups(10);
  const std::string recipient(DeliveryGroups::kBytesMax / 2, 'a');
  for (unsigned slot = 0; slot < 3; ++slot) {
    add(groups, "0/1", order(recipient), slot, {}, Time(100));
  }
  EXPECT_EQ(sizes(groups.take_due(Time(200))), (std::vector<std::size_t>{2, 1}));
  add(groups, "0/1", order(recipient), 1, {}, Time(100));
  groups.clear();
  EXPECT_EQ(groups.first_due(), std::nullopt);
}

}  // namespace
}  // namespace reqmail::spawn
