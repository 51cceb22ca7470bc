// One process that answers for all addresses, and what happens to questions that it does not
// answer.
#include "spawn/resident_lookup.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <string>
#include <vector>

#include "sys/clock.h"
#include "sys/program_mark.h"
#include "tests/unit/support/temporary_home.h"

namespace reqmail::spawn {
namespace {

using std::chrono::milliseconds;

constexpr auto kBytes = sys::program_mark("some-program");

// Answers each question with exit code 7 and the local part.
constexpr const char* kAnswers =
    "while dd bs=4096 count=1 of=question 2>/dev/null && test -s question; do\n"
    "  { head -c 4 question; printf '\\007'; tail -c +5 question; } >answer\n"
    "  dd bs=4096 if=answer >&0 2>/dev/null\n"
    "done\n";

class ResidentLookupTest : public ::testing::Test {
 protected:
  void SetUp() override {
    if (::getuid() != 0) {
      GTEST_SKIP() << "needs root";
    }
  }

  // Installs a script with our mark in place of qmail-getpw.
  void use(const std::string& script,
           const std::string& mark = {kBytes.begin(), kBytes.end()}) {
    testing::put_file("program", "#!/bin/sh\n" + script + "exit 0\n" + mark, 0755);
  }

  // Returns the results up to the moment at which a question is answered or given up.
  std::vector<ResidentLookup::Outcome> wait() {
    for (;;) {
      poller_.clear();
      lookup_.watch(poller_);
      const auto until = lookup_.wakes_at();
      if (!until) {
        return {};
      }
      (void)poller_.wait(std::max(*until - sys::monotonic(), milliseconds(0)));
      if (auto outcomes = lookup_.collect(poller_); !outcomes.empty()) {
        return outcomes;
      }
    }
  }

  testing::TemporaryHome home_;
  sys::Poller poller_;
  ResidentLookup lookup_{{home_.path(),
                          home_.path() + "/program",
                          {kBytes.begin(), kBytes.end()},
                          {::getuid(), ::getgid()}}};
};

TEST_F(ResidentLookupTest, OneProcessAnswersForAll) {
  use("echo $$ >>started\n" + std::string(kAnswers));
  EXPECT_FALSE(lookup_.wakes_at());
  for (const unsigned slot : {3U, 5U}) {
    ASSERT_TRUE(lookup_.ask(slot, "joe" + std::to_string(slot)));
    const auto outcomes = wait();
    ASSERT_EQ(outcomes.size(), 1U);
    EXPECT_EQ(outcomes[0].slot, slot);
    ASSERT_TRUE(outcomes[0].answer);
    EXPECT_EQ(outcomes[0].answer->code, 7);
    EXPECT_EQ(outcomes[0].answer->fields, "joe" + std::to_string(slot));
  }
  const std::string started = testing::content_of("started");
  EXPECT_EQ(started.find('\n'), started.size() - 1) << started;
}

TEST_F(ResidentLookupTest, AnotherProgramIsNotAsked) {
  use(kAnswers, "");
  EXPECT_FALSE(lookup_.ask(3, "joe"));
  ASSERT_EQ(::unlink("program"), 0);
  EXPECT_FALSE(lookup_.ask(3, "joe"));
}

TEST_F(ResidentLookupTest, AForgottenQuestionHasNoOutcome) {
  use(kAnswers);
  ASSERT_TRUE(lookup_.ask(3, "first"));
  lookup_.forget(3);
  EXPECT_FALSE(lookup_.wakes_at());
  ASSERT_TRUE(lookup_.ask(3, "second"));
  const auto outcomes = wait();
  ASSERT_EQ(outcomes.size(), 1U);
  EXPECT_EQ(outcomes[0].answer->fields, "second");
}

// It is not started again for a while.
TEST_F(ResidentLookupTest, OneThatEndsWithoutAnAnswerIsGivenUp) {
  use("");
  if (lookup_.ask(3, "joe")) {
    const auto outcomes = wait();
    ASSERT_EQ(outcomes.size(), 1U);
    EXPECT_EQ(outcomes[0].slot, 3U);
    EXPECT_FALSE(outcomes[0].answer);
  }
  EXPECT_FALSE(lookup_.ask(4, "ann"));
  EXPECT_FALSE(lookup_.wakes_at());
}

TEST_F(ResidentLookupTest, OneThatIsSilentIsGivenUpInTime) {
  use("exec sleep 600\n");
  const milliseconds before = sys::monotonic();
  ASSERT_TRUE(lookup_.ask(3, "joe"));
  ASSERT_TRUE(lookup_.ask(4, "ann"));
  const auto outcomes = wait();
  EXPECT_GE(sys::monotonic() - before, ResidentLookup::kPatience);
  ASSERT_EQ(outcomes.size(), 2U);
  EXPECT_FALSE(outcomes[0].answer || outcomes[1].answer);
  EXPECT_FALSE(lookup_.ask(5, "sue"));
}

}  // namespace
}  // namespace reqmail::spawn
