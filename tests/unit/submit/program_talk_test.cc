// Queue programs that write while they get their input.
#include "submit/program_talk.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <string>

#include "mail/verdict_codec.h"
#include "sys/clock.h"
#include "sys/signals.h"
#include "sys/stream.h"

namespace reqmail::submit {
namespace {

const std::string kMuch(std::size_t{1} << 20, 'm');  // more than the size of any pipe

class Talk : public ::testing::Test {
 protected:
  void SetUp() override {
    sys::ignore_signals({SIGPIPE});
    auto food = sys::make_pipe();
    auto words = sys::make_pipe();
    ASSERT_TRUE(food);
    ASSERT_TRUE(words);
    food_ = std::move(*food);
    words_ = std::move(*words);
    sys::set_nonblocking(food_.write.get());
  }

  // Starts a child that runs `act` and exits with its result.
  template <typename Act>
  sys::Child program(Act act) {
    const pid_t child = ::fork();
    if (child == 0) {
      food_.write.close();
      words_.read.close();
      ::_exit(act());
    }
    food_.read.close();
    words_.write.close();
    return sys::Child(child);
  }

  int say_much_and_read() {
    const bool said = sys::write_all(words_.write.get(), kMuch).has_value();
    const auto read = sys::read_all(food_.read.get(), 2 * kMuch.size());
    return said && read && read->size() == kMuch.size() ? 82 : 1;
  }

  sys::Pipe food_;
  sys::Pipe words_;
};

TEST_F(Talk, BeforeItReads) {
  sys::Child child = program([this] { return say_much_and_read(); });
  ProgramTalk talk(std::move(words_.read));
  EXPECT_TRUE(talk.write(food_.write.get(), kMuch));
  food_.write.close();
  EXPECT_EQ(talk.wait_for(child)->code, 82);
  EXPECT_EQ(talk.words(), std::string(mail::kCustomTextMax + 1, 'm'));
}

TEST_F(Talk, AfterItHasRead) {
  sys::Child child = program([this] {
    (void)sys::read_all(food_.read.get(), 2 * kMuch.size());
    return sys::write_all(words_.write.get(), kMuch) ? 88 : 1;
  });
  ProgramTalk talk(std::move(words_.read));
  EXPECT_TRUE(talk.write(food_.write.get(), kMuch));
  food_.write.close();
  EXPECT_EQ(talk.wait_for(child)->code, 88);
  EXPECT_EQ(talk.words().size(), mail::kCustomTextMax + 1);
}

// The pipe never reaches end of file, since this process has its other end open.
TEST_F(Talk, SomebodyElseHoldsThePipe) {
  auto held = sys::duplicate(words_.write.get());
  ASSERT_TRUE(held);
  sys::Child child = program([this] {
    (void)sys::write_all(words_.write.get(), "Dno");
    return 82;
  });
  ProgramTalk talk(std::move(words_.read));
  EXPECT_EQ(talk.wait_for(child)->code, 82);
  EXPECT_EQ(talk.words(), "Dno");
}

// A process that the program has left behind may write for ever.
TEST_F(Talk, SomebodyElseTalksOn) {
  const base::Seconds kTalks(10);
  const auto begun = sys::monotonic();
  sys::Child child = program([this, begun, kTalks] {
    if (::fork() != 0) {
      return 82;
    }
    while (sys::monotonic() - begun < kTalks && sys::write_all(words_.write.get(), "Dno")) {
    }
    return 0;
  });
  ProgramTalk talk(std::move(words_.read));
  EXPECT_EQ(talk.wait_for(child)->code, 82);
  EXPECT_LT(sys::monotonic() - begun, kTalks);
}

TEST_F(Talk, AProgramThatHasEnded) {
  sys::Child child = program([] { return 31; });
  ProgramTalk talk(std::move(words_.read));
  EXPECT_FALSE(talk.write(food_.write.get(), kMuch));
  EXPECT_EQ(talk.wait_for(child)->code, 31);
  EXPECT_EQ(talk.words(), "");
}

}  // namespace
}  // namespace reqmail::submit
