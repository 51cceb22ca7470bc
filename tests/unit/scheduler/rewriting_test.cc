// The steps that turn a todo/N into info/N, local/N and remote/N.
#include "scheduler/rewriting.h"

#include <gtest/gtest.h>

#include <string>

namespace reqmail::scheduler {
namespace {

using namespace std::string_literals;
using Step = Rewriting::Step;
using Fault = Rewriting::Fault;

Router router() {
  return Router({"me", {}, {"me"}, {}});
}

Rewriting fresh() {
  return Rewriting(MessageId(7), 5, std::nullopt);
}

RecordChunk part(const std::string& records, bool last) {
  return {0, records, last};
}

TEST(Rewriting, AShortEnvelopeIsRoutedWhileItIsChecked) {
  Rewriting work = fresh();
  EXPECT_EQ(work.step, Step::check);
  EXPECT_EQ(work.take(part("u7\0p42\0Fs@h\0Tone@me\0Ttwo@x\0"s, true), router()), Fault::none);
  EXPECT_EQ(work.uid, 7U);
  EXPECT_EQ(work.pid, 42U);
  EXPECT_EQ(work.sender, "s@h");
  EXPECT_EQ(work.recipients[Channel::local], "Tone@me\0"s);
  EXPECT_EQ(work.recipients[Channel::remote], "Ttwo@x\0"s);
  EXPECT_TRUE(work.any[Channel::local] && work.any[Channel::remote]);
  EXPECT_TRUE(work.last);
}

TEST(Rewriting, ALongOneIsRoutedInTheSecondReading) {
  Rewriting work = fresh();
  EXPECT_EQ(work.take(part("u7\0p42\0Fs@h\0Tone@me\0"s, false), router()), Fault::none);
  EXPECT_EQ(work.recipients[Channel::local], "");
  work.first = false;
  EXPECT_EQ(work.take(part("Ttwo@x\0"s, true), router()), Fault::none);
  EXPECT_EQ(work.recipients[Channel::remote], "");
  work.begin_writing();
  EXPECT_TRUE(work.first);
  EXPECT_EQ(work.take(part("u7\0p42\0Fs@h\0Tone@me\0"s, false), router()), Fault::none);
  EXPECT_EQ(work.recipients[Channel::local], "Tone@me\0"s);
  EXPECT_FALSE(work.any[Channel::remote]);
  work.first = false;
  EXPECT_EQ(work.take(part("Ttwo@x\0"s, true), router()), Fault::none);
  // Only the recipients of this part are here.
  EXPECT_EQ(work.recipients[Channel::local], "");
  EXPECT_EQ(work.recipients[Channel::remote], "Ttwo@x\0"s);
  EXPECT_TRUE(work.any[Channel::local] && work.any[Channel::remote]);
  EXPECT_EQ(work.sender, "s@h");
}

TEST(Rewriting, LeftoversAreComparedFirst) {
  Rewriting work(MessageId(7), 5, Leftovers{});
  EXPECT_EQ(work.step, Step::compare);
  EXPECT_TRUE(work.routes(part("", false)));
  EXPECT_EQ(work.take(part("Fs@h\0Tone@me\0"s, false), router()), Fault::none);
  EXPECT_EQ(work.recipients[Channel::local], "Tone@me\0"s);
}

TEST(Rewriting, NumbersCountInFrontOfTheFirstSender) {
  Rewriting work = fresh();
  EXPECT_EQ(work.take(part("u1\0u2\0p3\0Ffirst\0u9\0p9\0Fsecond\0"s, true), router()),
            Fault::none);
  EXPECT_EQ(work.uid, 2U);
  EXPECT_EQ(work.pid, 3U);
  EXPECT_EQ(work.sender, "first");
}

TEST(Rewriting, NumbersBehindTheSenderOrMissingAreNone) {
  Rewriting behind = fresh();
  EXPECT_EQ(behind.take(part("Fs\0u7001\0p5\0Tr\0"s, true), router()), Fault::none);
  EXPECT_EQ(behind.uid, 0U);
  EXPECT_EQ(behind.pid, 0U);
  Rewriting without = fresh();
  (void)without.take(part("p5\0Fs\0Tr\0"s, true), router());
  EXPECT_EQ(without.uid, 0U);
  EXPECT_EQ(without.pid, 5U);
  Rewriting large = fresh();
  (void)large.take(part("u99999999999999999999\0Fs\0"s, true), router());
  EXPECT_EQ(large.uid, UINT64_MAX);
}

TEST(Rewriting, ASenderWithoutRecipientsIsComplete) {
  EXPECT_EQ(fresh().take(part("u1\0p2\0F\0"s, true), router()), Fault::none);
}

TEST(Rewriting, DamageIsSeen) {
  const Router to = router();
  for (const std::string& text :
       {"u1\0p2\0"s, "Tr\0"s, "u1\0p2\0Fs"s, "u1\0p2\0Fs\0T"s, "u1\0p2\0Fs\0Tr@b"s, "F"s}) {
    EXPECT_EQ(fresh().take(part(text, true), to), Fault::unfinished) << text;
  }
  for (const std::string& text : {"Xa\0"s, "Fs\0Dr\0"s, "Fs\0\0"s, "Fs\0tr\0"s, "\0"s}) {
    EXPECT_EQ(fresh().take(part(text, true), to), Fault::unknown_record) << text;
  }
  EXPECT_EQ(fresh().take(part("", true), to), Fault::unfinished);
  EXPECT_EQ(fresh().take(part("u7\0Tone@me\0"s, true), to), Fault::unfinished);
  EXPECT_EQ(fresh().take(part("Fs@h\0Tcut"s, true), to), Fault::unfinished);
  EXPECT_EQ(fresh().take(part("Fs@h\0Xodd\0"s, true), to), Fault::unknown_record);
  // The sender may come with a later part.
  EXPECT_EQ(fresh().take(part("u7\0"s, false), to), Fault::none);
}

TEST(Rewriting, ANewBeginningForgetsTheSender) {
  Rewriting work = fresh();
  (void)work.take(part("u7\0p42\0Fs@h\0Tone@me\0"s, true), router());
  work.begin();
  EXPECT_EQ(work.step, Step::check);
  EXPECT_FALSE(work.has_sender);
  EXPECT_EQ(work.uid, 0U);
  EXPECT_FALSE(work.any[Channel::local]);
  EXPECT_EQ(work.take(part("Tone@me\0"s, true), router()), Fault::unfinished);
}

}  // namespace
}  // namespace reqmail::scheduler
