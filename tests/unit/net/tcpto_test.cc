#include "net/tcpto.h"

#include <gtest/gtest.h>

namespace reqmail::net {
namespace {

constexpr std::int64_t kNow = 1700000000;

base::IpAddress address(std::string_view text) {
  return *base::IpAddress::parse(text);
}

std::string record(std::string_view text, unsigned count, std::int64_t when) {
  const auto ip = address(text);
  const auto bytes = ip.bytes();
  std::string out(bytes.begin(), bytes.end());
  out.push_back(static_cast<char>(count));
  out.append(3, '\0');
  for (int shift = 0; shift < 32; shift += 8) {
    out.push_back(static_cast<char>(when >> shift & 0xff));
  }
  out.append(4, '\0');
  return out;
}

std::string padded(std::string records) {
  records.resize(kTcptoSize, '\0');
  return records;
}

base::Time at(std::int64_t seconds) {
  return base::from_epoch(seconds);
}

TEST(TimeoutTable, ANewAddressTakesTheFirstFreeRecord) {
  const TimeoutTable table(padded(record("192.0.2.1", 1, kNow - 500) +
                                  record("192.0.2.2", 0, kNow - 5) +
                                  record("192.0.2.3", 2, kNow - 500)));
  const auto change = table.after(address("198.51.100.1"), true, at(kNow));
  ASSERT_TRUE(change);
  EXPECT_EQ(change->offset, kTcptoRecord);
  EXPECT_EQ(change->record, record("198.51.100.1", 1, kNow));
}

TEST(TimeoutTable, AnAddressComesBackToItsClearedRecord) {
  const TimeoutTable table(padded(record("192.0.2.1", 0, kNow - 5) +
                                  record("192.0.2.2", 0, kNow - 5) +
                                  record("192.0.2.3", 0, kNow + 5)));
  for (const std::size_t i : {0U, 1U, 2U}) {
    const std::string host = "192.0.2." + std::to_string(i + 1);
    const auto change = table.after(address(host), true, at(kNow));
    ASSERT_TRUE(change) << host;
    EXPECT_EQ(change->offset, i * kTcptoRecord) << host;
    EXPECT_EQ(change->record, record(host, 1, kNow)) << host;
    EXPECT_FALSE(table.counts(address(host), at(kNow))) << host;
  }
}

TEST(TimeoutTable, CountsAtMostOnceInTwoMinutesAndUpToTen) {
  const auto after = [](unsigned count, std::int64_t ago) {
    const TimeoutTable table(padded(record("192.0.2.1", count, kNow - ago)));
    const auto change = table.after(address("192.0.2.1"), true, at(kNow));
    return change ? change->record : "unchanged";
  };
  EXPECT_EQ(after(1, 120), record("192.0.2.1", 2, kNow));
  EXPECT_EQ(after(1, 119), "unchanged");
  EXPECT_EQ(after(10, 6000), record("192.0.2.1", 10, kNow));
  EXPECT_EQ(after(0, 50), record("192.0.2.1", 1, kNow));
}

TEST(TimeoutTable, SuccessClearsTheCountAndKeepsTheTime) {
  const TimeoutTable table(padded(record("192.0.2.1", 4, kNow - 7000)));
  EXPECT_TRUE(table.counts(address("192.0.2.1"), at(kNow)));
  const auto change = table.after(address("192.0.2.1"), false, at(kNow));
  ASSERT_TRUE(change);
  EXPECT_EQ(change->record, record("192.0.2.1", 0, kNow - 7000));
  EXPECT_FALSE(table.after(address("192.0.2.2"), false, at(kNow)));
  EXPECT_FALSE(table.counts(address("192.0.2.2"), at(kNow)));
}

TEST(TimeoutTable, FullTableGivesUpTheLowestTimePlusWeight) {
  std::string full;
  for (unsigned i = 0; i < kTcptoRecords; ++i) {
    full += record("192.0.2." + std::to_string(i), 2, kNow - 1000);
  }
  // The record is 1000 seconds newer, but has one time-out less, which makes it 24 lower on the
  // scale.
  full.replace(30 * kTcptoRecord, kTcptoRecord, record("192.0.2.30", 1, kNow));
  const auto change = TimeoutTable(full).after(address("198.51.100.1"), true, at(kNow));
  ASSERT_TRUE(change);
  EXPECT_EQ(change->offset, 30 * kTcptoRecord);
}

TEST(TimeoutTable, PenaltyDependsOnTheProcess) {
  const auto penalised = [](unsigned count, std::int64_t ago, unsigned pid) {
    return TimeoutTable(padded(record("192.0.2.1", count, kNow - ago)))
        .penalised(address("192.0.2.1"), at(kNow), pid);
  };
  EXPECT_FALSE(penalised(1, 10, 0));
  EXPECT_TRUE(penalised(2, 3839, 0));
  EXPECT_FALSE(penalised(2, 3840, 0));
  EXPECT_TRUE(penalised(2, 91 * 64 - 1, 31));
  EXPECT_FALSE(penalised(2, 91 * 64, 31));
  EXPECT_FALSE(penalised(2, 3840, 32));
}

TEST(TimeoutTable, WhatCannotBeOursIsFree) {
  std::string filler = record("192.0.2.3", 3, kNow - 10);
  filler[5] = 1;
  std::string tail = record("192.0.2.4", 3, kNow - 10);
  tail[15] = 1;
  const TimeoutTable table(padded(record("192.0.2.1", 200, kNow - 10) +
                                  record("192.0.2.2", 3, kNow + 10) + filler + tail));
  for (const char* host : {"192.0.2.1", "192.0.2.2", "192.0.2.3", "192.0.2.4"}) {
    EXPECT_FALSE(table.penalised(address(host), at(kNow), 0)) << host;
  }
  EXPECT_EQ(table.after(address("198.51.100.1"), true, at(kNow))->offset, 0U);
}

TEST(TimeoutTable, OnlyWholeRecordsOfTheFirstKilobyteCount) {
  const TimeoutTable empty("");
  EXPECT_FALSE(empty.after(address("192.0.2.1"), true, at(kNow)));
  EXPECT_TRUE(TimeoutTable(record("192.0.2.1", 1, kNow).substr(0, 15)).listing().empty());
  std::string long_table;
  for (int i = 0; i < 70; ++i) {
    long_table += record("192.0.2.1", 1, kNow);
  }
  EXPECT_EQ(TimeoutTable(long_table).listing().size(), kTcptoRecords);
}

TEST(TimeoutTable, ListingShowsUsedRecords) {
  const auto listing =
      TimeoutTable(padded(record("192.0.2.1", 0, kNow) + record("0.0.0.0", 2, kNow))).listing();
  ASSERT_EQ(listing.size(), 1U);
  EXPECT_EQ(listing[0].address.text(), "0.0.0.0");
  EXPECT_EQ(listing[0].count, 2U);
}

TEST(TimeoutTable, ListingShowsNoNegativeCounts) {
  const auto listing =
      TimeoutTable(padded(record("192.0.2.1", 127, kNow) + record("192.0.2.2", 128, kNow) +
                          record("192.0.2.3", 255, kNow)))
          .listing();
  ASSERT_EQ(listing.size(), 1U);
  EXPECT_EQ(listing[0].count, 127U);
}

TEST(TimeoutTable, Ipv6IsNotKept) {
  const TimeoutTable table(padded(""));
  EXPECT_FALSE(table.after(address("2001:db8::1"), true, at(kNow)));
}

}  // namespace
}  // namespace reqmail::net
