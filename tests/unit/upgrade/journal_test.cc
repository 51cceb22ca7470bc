#include "upgrade/journal.h"

#include <gtest/gtest.h>

#include <cerrno>

#include "tests/unit/support/scratch.h"
#include "upgrade/record.h"

namespace {

using namespace reqmail::upgrade;  // NOLINT(google-build-using-namespace)
using reqmail::tests::Scratch;
namespace survey = reqmail::survey;

Record sample() {
  Record record;
  record.time = "20260131-235959";
  record.tree = "/var/tmp/new";
  record.service = survey::Service{survey::Supervisor::runit, "/etc/sv/qmail send", 0, ""};
  record.todo = TodoLayout{23, {11, 12, 0750}, {11, 12, 0700}};
  record.channels = true;
  record.notes = true;
  record.puts = {{Phase::queue, true, "/q/bin/qmail-queue"},
                 {Phase::papers, false, "/q/man/x"},
                 {Phase::settings, true, "/q/control/smtproutes", content_mark("a b c")}};
  record.accesses = {{{0, 0, 0644}, {1, 2, 04640}, "/q/control/smtproutes"}};
  return record;
}

TEST(Journal, SaysWhatItWasTold) {
  const auto text = journal_text(sample());
  ASSERT_TRUE(text);
  const auto record = parse_journal(*text);
  ASSERT_TRUE(record);
  EXPECT_EQ(record->time, "20260131-235959");
  EXPECT_EQ(record->tree, "/var/tmp/new");
  ASSERT_TRUE(record->service);
  EXPECT_EQ(record->service->supervisor, survey::Supervisor::runit);
  EXPECT_EQ(record->service->place, "/etc/sv/qmail send");
  ASSERT_TRUE(record->todo);
  EXPECT_EQ(record->todo->split, 23U);
  EXPECT_EQ(record->todo->intd.mode, 0700U);
  EXPECT_TRUE(record->channels);
  EXPECT_TRUE(record->notes);
  ASSERT_EQ(record->puts.size(), 3U);
  EXPECT_TRUE(record->puts[0].had);
  EXPECT_EQ(record->puts[1].phase, Phase::papers);
  EXPECT_FALSE(record->puts[1].had);
  EXPECT_FALSE(record->puts[1].content);
  EXPECT_EQ(record->puts[2].content, content_mark("a b c"));
  ASSERT_EQ(record->accesses.size(), 1U);
  EXPECT_EQ(record->accesses[0].after.mode, 04640U);
  EXPECT_EQ(record->step, Step::keep);
}

TEST(Journal, ALineThatWasBeingWrittenIsNone) {
  const std::string text = *journal_text(sample());
  for (std::size_t size = 0; size < text.size(); ++size) {
    const auto record = parse_journal(text.substr(0, size));
    ASSERT_TRUE(record) << size;
    EXPECT_EQ(record->step, Step::none) << size;
  }
}

TEST(Journal, WhatIsNotOursIsNotUnderstood) {
  for (const char* line :
       {"hello\n", "step\tfly\n", "step\tkeep\n", "put\t9\thad\t/x\n", "put\t1\tmaybe\t/x\n",
        "todo\t23\t1\n", "channels\t1\n", "service\tupstart\t/x\n", "access\t1\t2\t3\t/x\n",
        "begin\t\t\t\n", "content\t1\t2\t/x\n", "put\t0\thad\t/x\ncontent\t1\t2\t/y\n",
        "put\t0\thad\t/x\ncontent\t1\t/x\n"}) {
    EXPECT_FALSE(parse_journal(line)) << line;
  }
}

TEST(Journal, AMarkTellsContentsApart) {
  EXPECT_EQ(content_mark("a:b\n"), content_mark("a:b\n"));
  EXPECT_NE(content_mark("a:b\n"), content_mark("b:a\n"));
  EXPECT_NE(content_mark(""), content_mark(std::string(1, '\0')));
  EXPECT_EQ(content_mark("a").hash, 0xaf63dc4c8601ec8cU);
}

TEST(Journal, PathsWithTabsAreRefused) {
  Record record = sample();
  record.puts[0].target = "/q/a\tb";
  EXPECT_FALSE(journal_text(record));
}

TEST(Journal, StepsOutliveTheProcess) {
  const Scratch home;
  {
    auto journal = Journal::open(home(""));
    ASSERT_TRUE(journal);
    EXPECT_EQ(journal->record().step, Step::none);
    ASSERT_TRUE(journal->begin(sample()));
    ASSERT_TRUE(journal->step(Step::change));
    ASSERT_TRUE(journal->step(Step::restart, ProcessMark{17, 99}));
    EXPECT_EQ(Journal::open(home("")).error().error, EWOULDBLOCK);
  }
  home.put("upgrade/journal", home.get("upgrade/journal") + "step\tver");
  auto journal = Journal::open(home(""));
  ASSERT_TRUE(journal);
  EXPECT_EQ(journal->record().step, Step::restart);
  ASSERT_TRUE(journal->record().leaving);
  EXPECT_EQ(journal->record().leaving->start, 99U);
  ASSERT_TRUE(journal->step(Step::applied));
  const auto record = parse_journal(home.get("upgrade/journal"));
  ASSERT_TRUE(record);
  EXPECT_EQ(record->step, Step::applied);
}

TEST(Journal, AnotherServiceTakesTheFirstOnesPlace) {
  const Scratch home;
  auto journal = Journal::open(home(""));
  ASSERT_TRUE(journal);
  ASSERT_TRUE(journal->begin(sample()));
  home.put("upgrade/journal", home.get("upgrade/journal") + "step\tchan");
  ASSERT_TRUE(
      journal->service(survey::Service{survey::Supervisor::systemd, "qmail.service", 5, ""}));
  EXPECT_EQ(journal->record().service->place, "qmail.service");
  EXPECT_FALSE(journal->service(survey::Service{survey::Supervisor::systemd, "a\tb", 0, ""}));
  const auto record = parse_journal(home.get("upgrade/journal"));
  ASSERT_TRUE(record);
  EXPECT_EQ(record->step, Step::keep);
  EXPECT_EQ(record->service->supervisor, survey::Supervisor::systemd);
  EXPECT_EQ(record->service->place, "qmail.service");
}

TEST(Journal, AForgottenOneBringsBackTheOneBefore) {
  const Scratch home;
  auto journal = Journal::open(home(""));
  ASSERT_TRUE(journal);
  ASSERT_TRUE(journal->begin(sample()));
  ASSERT_TRUE(journal->step(Step::applied));
  Record second = sample();
  second.time = "20260201-000000";
  ASSERT_TRUE(journal->begin(second));
  EXPECT_EQ(journal->record().step, Step::keep);
  ASSERT_TRUE(journal->forget());
  const auto record = parse_journal(home.get("upgrade/journal"));
  ASSERT_TRUE(record);
  EXPECT_EQ(record->time, sample().time);
  EXPECT_EQ(record->step, Step::applied);
  // A third upgrade begins in the same run and is forgotten too.
  EXPECT_EQ(journal->record().time, sample().time);
  Record third = sample();
  third.time = "20260202-000000";
  ASSERT_TRUE(journal->begin(third));
  ASSERT_TRUE(journal->forget());
  EXPECT_EQ(parse_journal(home.get("upgrade/journal"))->time, sample().time);
}

}  // namespace
