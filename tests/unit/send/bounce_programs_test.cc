// Queue programs that get bounces: they get the whole bounce, their output is read, and they
// are ended if they take too long.
#include "send/bounce_programs.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "base/text.h"
#include "send/bounce_program.h"
#include "send/bounce_taker.h"
#include "sys/clock.h"
#include "sys/fd.h"
#include "sys/signals.h"
#include "sys/stream.h"
#include "tests/unit/support/crash_files.h"
#include "tests/unit/support/unreadable_file.h"

namespace reqmail::send {
namespace {

using namespace std::string_literals;
using reqmail::testing::CrashFiles;
using reqmail::testing::DiskState;
using reqmail::testing::UnreadableFile;
using std::chrono::milliseconds;

const mail::MessageId kId(7);
const std::string kEnvelope = "F\0Ts@h\0\0"s;
constexpr std::size_t kLarge = 3'000'000;

// The descriptors 0, 1 and 4 of the child.
struct Ends {
  int message;
  int envelope;
  int words;
};

// Runs in the child and returns its exit code.
using Act = std::function<int(const Ends&)>;

Result<submit::QueueProgram> start(const Act& act) {
  auto message = sys::make_pipe();
  auto envelope = sys::make_pipe();
  auto words = sys::make_pipe();
  EXPECT_TRUE(message && envelope && words);
  for (const int end : {message->write.get(), envelope->write.get(), words->read.get()}) {
    sys::set_nonblocking(end);
  }
  const pid_t child = ::fork();
  if (child == 0) {
    message->write.close();
    envelope->write.close();
    words->read.close();
    ::_exit(act({message->read.get(), envelope->read.get(), words->write.get()}));
  }
  return submit::QueueProgram{sys::Child(child), std::move(message->write),
                              std::move(envelope->write), std::move(words->read)};
}

// Reads everything and succeeds if that is the notice.
int take(const Ends& ends, const std::string& notice) {
  const auto message = sys::read_all(ends.message, 2 * kLarge);
  const auto envelope = sys::read_all(ends.envelope, 1000);
  return message && *message == notice && envelope && *envelope == kEnvelope ? 0 : 31;
}

int sleep_for_ever() {
  for (;;) {
    ::pause();
  }
}

std::optional<submit::ResidentQueue> nobody() {
  return std::nullopt;
}

class Programs : public ::testing::Test {
 protected:
  void SetUp() override { sys::ignore_signals({SIGPIPE}); }

  BounceOrder order(const std::string& message) {
    files_ = std::make_unique<CrashFiles>(
        DiskState{{"bounce/7", "<r@x>:\nno\n\n"}, {"mess/7/7", message}});
    scheduler::BounceMail mail;
    mail.envelope_recipient = "s@h";
    mail.head = "head\n";
    mail.tail = "tail\n";
    return {kId, std::move(mail), *files_->open_read("bounce/7"),
            *files_->open_read("mess/7/7")};
  }

  static std::string notice(const std::string& message) {
    return "head\n<r@x>:\nno\n\ntail\n" + message;
  }

  // Does what the main loop does, until there is a result.
  static BounceResult result_of(BouncePrograms& programs) {
    sys::Poller poller;
    for (;;) {
      programs.reap();
      if (auto done = programs.take_done(); !done.empty()) {
        EXPECT_EQ(done.size(), 1U);
        return done[0];
      }
      poller.clear();
      programs.watch(poller);
      EXPECT_TRUE(poller.wait(milliseconds(5)));
      programs.serve(poller);
      programs.enforce_limits(sys::monotonic());
    }
  }

  BounceResult run(const Act& act, const std::string& message,
                   const BouncePrograms::Limits& limits = {}) {
    BouncePrograms programs(limits, nobody, [&act] { return start(act); });
    EXPECT_TRUE(programs.begin(order(message)));
    return result_of(programs);
  }

  std::unique_ptr<CrashFiles> files_;
};

TEST_F(Programs, GetAReportWithItsPartsInOrder) {
  BounceOrder report = order("Subject: x\n\nlong\nbody\n");
  report.mail.status = "status\n";
  report.mail.end = "end\n";
  report.mail.excerpt.max_bytes = 18;
  report.failures = *files_->open_read("bounce/7");
  const std::string expected =
      base::concat({"head\n<r@x>:\nno\n\nstatus\n",
                    scheduler::recipient_fields(scheduler::DsnAction::failed, "r@x", "no\n"),
                    "tail\nSubject: x\n\nlong\n", scheduler::kCutHere, "end\n"});
  BouncePrograms programs({}, nobody, [&] {
    return start([&](const Ends& ends) { return take(ends, expected); });
  });
  EXPECT_TRUE(programs.begin(std::move(report)));
  EXPECT_TRUE(result_of(programs).queued);
}

TEST_F(Programs, GetTheNoticeWhole) {
  for (const std::string& message : {"Subject: x\n\ny\n"s, ""s, std::string(kLarge, 'm')}) {
    const BounceResult result =
        run([&](const Ends& ends) { return take(ends, notice(message)); }, message);
    EXPECT_TRUE(result.queued) << message.size();
    EXPECT_EQ(result.id, kId);
    EXPECT_GT(result.pid, 0U);
  }
}

TEST_F(Programs, MaySayMoreThanAPipeHolds) {
  EXPECT_TRUE(run(
                  [](const Ends& ends) {
                    (void)sys::write_all(ends.words, std::string(kLarge, 'w'));
                    return take(ends, notice("x\n"));
                  },
                  "x\n")
                  .queued);
}

TEST_F(Programs, ThatRefuseOrDoNotReadHaveQueuedNothing) {
  EXPECT_FALSE(run([](const Ends&) { return 53; }, "x\n").queued);
  EXPECT_FALSE(run([](const Ends&) { return 0; }, std::string(kLarge, 'm')).queued);
  EXPECT_FALSE(run([](const Ends&) { return ::raise(SIGKILL); }, "x\n").queued);
}

TEST_F(Programs, GetNoEnvelopeOfAMessageThatCannotBeRead) {
  const Act act = [](const Ends& ends) {
    const auto message = sys::read_all(ends.message, 2 * kLarge);
    const auto envelope = sys::read_all(ends.envelope, 1000);
    return message && envelope && envelope->empty() ? 0 : 31;
  };
  BouncePrograms programs({}, nobody, [&act] { return start(act); });
  BounceOrder damaged = order("x\n");
  damaged.message = std::make_unique<UnreadableFile>();
  ASSERT_TRUE(programs.begin(std::move(damaged)));
  EXPECT_FALSE(result_of(programs).queued);
}

TEST_F(Programs, RunSeveralAtATime) {
  BouncePrograms programs({}, nobody,
                          [] { return start([](const Ends&) { return sleep_for_ever(); }); });
  for (std::size_t i = 0; i < BouncePrograms::kMost; ++i) {
    EXPECT_FALSE(programs.full());
    ASSERT_TRUE(programs.begin(order("x\n")));
  }
  EXPECT_TRUE(programs.full());
  programs.reap();
  EXPECT_TRUE(programs.take_done().empty());
  programs.enforce_limits(sys::monotonic() + BouncePrograms::Limits().usual + milliseconds(1));
  std::size_t ended = 0;
  while (ended < BouncePrograms::kMost) {
    programs.reap();
    ended += programs.take_done().size();
  }
  EXPECT_FALSE(programs.full());
}

TEST_F(Programs, AreEndedWhenTheyTakeTooLong) {
  BouncePrograms::Limits limits;
  limits.usual = milliseconds(50);
  limits.to_end = milliseconds(50);
  EXPECT_FALSE(run([](const Ends&) { return sleep_for_ever(); }, "x\n", limits).queued);
  // This is so even for programs that ignore SIGTERM.
  EXPECT_FALSE(run(
                   [](const Ends&) {
                     sys::ignore_signals({SIGTERM});
                     return sleep_for_ever();
                   },
                   "x\n", limits)
                   .queued);
}

TEST_F(Programs, HaveLessTimeWhenQmailSendIsToEnd) {
  BouncePrograms::Limits limits;
  limits.at_end = milliseconds(50);
  for (const bool under_way : {true, false}) {
    BouncePrograms programs(limits, nobody,
                            [] { return start([](const Ends&) { return sleep_for_ever(); }); });
    if (!under_way) {
      programs.hurry();
    }
    ASSERT_TRUE(programs.begin(order("x\n")));
    if (under_way) {
      EXPECT_GT(*programs.wait_limit(sys::monotonic()), milliseconds(1000));
      programs.hurry();
    }
    EXPECT_LE(*programs.wait_limit(sys::monotonic()), limits.at_end);
    EXPECT_FALSE(result_of(programs).queued);
    EXPECT_FALSE(programs.wait_limit(sys::monotonic()));
  }
}

TEST_F(Programs, ThatCannotBeStartedAreNone) {
  BouncePrograms programs({}, nobody,
                          [] { return Result<submit::QueueProgram>(temporary("no")); });
  EXPECT_FALSE(programs.begin(order("x\n")));
  EXPECT_FALSE(programs.full());
}

}  // namespace
}  // namespace reqmail::send
