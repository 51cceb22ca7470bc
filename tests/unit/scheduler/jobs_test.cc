// Jobs and slots by number, and the iteration over the records of a recipient file.
#include "scheduler/jobs.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

namespace reqmail::scheduler {
namespace {

using namespace std::string_literals;

Job job_of(std::uint64_t id) {
  Job job;
  job.id = MessageId(id);
  return job;
}

Delivery delivery_to(const std::string& recipient) {
  Delivery delivery;
  delivery.recipient = recipient;
  return delivery;
}

TEST(Jobs, NumbersStayAndAreUsedAgain) {
  Jobs jobs;
  const std::size_t first = jobs.add(job_of(1));
  const std::size_t second = jobs.add(job_of(2));
  EXPECT_NE(first, second);
  jobs[first].remaining = 7;
  jobs.remove(first);
  EXPECT_EQ(jobs[second].id, MessageId(2));
  const std::size_t third = jobs.add(job_of(3));
  EXPECT_EQ(third, first);
  EXPECT_TRUE(jobs[third].used);
  // Nothing is left of the earlier job with this number.
  EXPECT_EQ(jobs[third].remaining, 0U);
  EXPECT_EQ(jobs[third].id, MessageId(3));
}

TEST(Jobs, WhatIsRemovedIsUnused) {
  Jobs jobs;
  const std::size_t number = jobs.add(job_of(1));
  EXPECT_TRUE(jobs[number].used);
  jobs.remove(number);
  EXPECT_FALSE(jobs[number].used);
}

TEST(Slots, TheLowestFreeOneIsTaken) {
  Slots slots;
  slots.set_limit(3);
  EXPECT_EQ(slots.take(delivery_to("a")), 0U);
  EXPECT_EQ(slots.take(delivery_to("b")), 1U);
  EXPECT_EQ(slots.take(delivery_to("c")), 2U);
  EXPECT_TRUE(slots.full());
  slots.release(1);
  EXPECT_EQ(slots.running(), 2U);
  EXPECT_FALSE(slots.full());
  EXPECT_EQ(slots.take(delivery_to("d")), 1U);
  EXPECT_EQ(slots.find(1)->recipient, "d");
}

TEST(Slots, NoDeliveryRunsInAFreeSlotOrInNone) {
  Slots slots;
  slots.set_limit(2);
  (void)slots.take(delivery_to("a"));
  ASSERT_NE(slots.find(0), nullptr);
  EXPECT_TRUE(slots.find(0)->used);
  EXPECT_EQ(slots.find(1), nullptr);
  // A spawner may send any byte.
  EXPECT_EQ(slots.find(255), nullptr);
  slots.release(0);
  EXPECT_EQ(slots.find(0), nullptr);
}

TEST(Slots, WithoutAnyAllAreTaken) {
  const Slots slots;
  EXPECT_EQ(slots.limit(), 0U);
  EXPECT_TRUE(slots.full());
}

// Returns offset, letter and recipient of each record of a chunk, and what follows the last
// record.
std::pair<std::vector<std::string>, std::string> walk(const RecordChunk& chunk) {
  Pass pass;
  pass.chunk = chunk;
  std::vector<std::string> seen;
  while (const auto record = record_at(pass)) {
    const char letter = record->letter == '\0' ? '-' : record->letter;
    seen.push_back(std::to_string(record->offset) + letter + std::string(record->recipient));
    advance(pass, *record);
  }
  EXPECT_EQ(unfinished(pass), pass.position < chunk.records.size());
  return {seen, chunk.records.substr(pass.position)};
}

TEST(Pass, OffsetsAreThoseOfTheFile) {
  const auto [seen, rest] = walk({100, "Tone@x\0Dtwo@y\0T\0"s, true});
  EXPECT_EQ(seen, (std::vector<std::string>{"100Tone@x", "107Dtwo@y", "114T"}));
  EXPECT_EQ(rest, "");
}

TEST(Pass, ALookDoesNotMove) {
  Pass pass;
  pass.chunk = {0, "Ta\0Tb\0"s, true};
  EXPECT_EQ(record_at(pass)->recipient, "a");
  EXPECT_EQ(record_at(pass)->recipient, "a");
  advance(pass, *record_at(pass));
  EXPECT_EQ(record_at(pass)->recipient, "b");
}

// The records in the order in which they are gone through.
std::vector<std::string> gone_through(const std::string& records, std::size_t most) {
  Pass pass;
  pass.chunk.offset = 100;
  pass.chunk.records = records;
  put_hosts_together(pass, most);
  std::vector<std::string> found;
  while (const auto record = record_at(pass)) {
    EXPECT_EQ(records.substr(record->offset - 100, 1), std::string(1, record->letter));
    found.push_back(record->letter + std::string(record->recipient));
    advance(pass, *record);
  }
  return found;
}

std::string with_ends(std::string records) {
  std::replace(records.begin(), records.end(), ' ', '\0');
  return records;
}

using Records = std::vector<std::string>;

TEST(Pass, RecipientsOfAHostComeTogether) {
  EXPECT_EQ(gone_through(with_ends("Ta@x Tb@y Tc@x Td@z Te@y "), 20),
            (Records{"Ta@x", "Tc@x", "Tb@y", "Te@y", "Td@z"}));
  EXPECT_EQ(gone_through(with_ends("Ta@x Tb@x "), 20), (Records{"Ta@x", "Tb@x"}));
  EXPECT_EQ(gone_through("", 20), Records{});
}

TEST(Pass, NoHostHasMoreThanItsTurn) {
  EXPECT_EQ(gone_through(with_ends("Ta@x Tb@x Tc@y Td@x Te@y Tf@y "), 2),
            (Records{"Ta@x", "Tb@x", "Tc@y", "Te@y", "Td@x", "Tf@y"}));
  // Those that are done do not count.
  EXPECT_EQ(gone_through(with_ends("Da@x Db@x Tc@y Td@x Te@x "), 2),
            (Records{"Da@x", "Db@x", "Td@x", "Te@x", "Tc@y"}));
}

TEST(Pass, WhatIsNoListKeepsItsOrder) {
  EXPECT_EQ(gone_through(with_ends("Ta@x Tb@y Tc@x Td"), 20),
            (Records{"Ta@x", "Tb@y", "Tc@x"}));
  EXPECT_EQ(gone_through(with_ends("Ta Tb@y Tc Td@y "), 20),
            (Records{"Ta", "Tc", "Tb@y", "Td@y"}));
}

TEST(Pass, ARecordWithoutItsEndIsNone) {
  const auto [seen, rest] = walk({0, "Ta\0Tcut"s, true});
  EXPECT_EQ(seen, std::vector<std::string>{"0Ta"});
  EXPECT_EQ(rest, "Tcut");
}

TEST(Pass, OneWithoutAnyByteIsPassed) {
  const auto [seen, rest] = walk({0, "\0Ta\0"s, true});
  EXPECT_EQ(seen, (std::vector<std::string>{"0-", "1Ta"}));
  EXPECT_EQ(rest, "");
}

}  // namespace
}  // namespace reqmail::scheduler
