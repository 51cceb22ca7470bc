// What qmail-lspawn decides about an order; the test runs no programs.
#include "spawn/local_spawn.h"

#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <unistd.h>

#include <array>
#include <fstream>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/program_end.h"
#include "spawn/hook.h"
#include "spawn/remote_spawn.h"
#include "sys/cdb.h"
#include "sys/file.h"
#include "sys/stream.h"

namespace reqmail::spawn {
namespace {

using namespace std::string_literals;
using Words = std::vector<std::string>;

class LocalSpawnTest : public ::testing::Test {
 protected:
  void SetUp() override {
    char name[] = "/tmp/lspawn-test-XXXXXX";
    ASSERT_NE(::mkdtemp(name), nullptr);
    home_ = name;
    ASSERT_EQ(::mkdir((home_ + "/users").c_str(), 0755), 0);
  }

  void TearDown() override {
    (void)::unlink((home_ + "/users/cdb").c_str());
    (void)::unlink((home_ + "/barred").c_str());
    (void)::rmdir((home_ + "/users").c_str());
    (void)::rmdir(home_.c_str());
  }

  void assign(const std::string& key, const std::string& value) {
    assigned_.clear();
    assign_another(key, value);
  }

  void assign_another(const std::string& key, const std::string& value) {
    assigned_.emplace_back(key, value);
    auto file = sys::open_truncated(home_ + "/users/cdb", 0644);
    ASSERT_TRUE(file);
    auto writer = sys::CdbWriter::start(file->get());
    ASSERT_TRUE(writer);
    for (const auto& [one_key, one_value] : assigned_) {
      ASSERT_TRUE(writer->add(one_key, one_value));
    }
    ASSERT_TRUE(writer->add("", "-"));
    ASSERT_TRUE(writer->finish());
  }

  LocalSpawn policy() {
    return LocalSpawn({home_, "./Mailbox", "/x/qmail-local", false, "", "", false, {50, 51}});
  }

  static Order order(const std::string& recipient) {
    return {3, "1/2", "s@a", recipient, false};
  }

  static int code(const Step& step) {
    const auto* end = std::get_if<base::ProgramEnd>(&step);
    return end == nullptr ? -1 : end->code;
  }

  std::string home_;
  std::vector<std::pair<std::string, std::string>> assigned_;
};

TEST_F(LocalSpawnTest, TrashAddress) {
  auto it = policy();
  EXPECT_EQ(code(it.begin(order("@host"))), 0);
}

TEST_F(LocalSpawnTest, WithoutAssignmentGetpwIsAsked) {
  auto it = policy();
  const auto step = it.begin(order("Joe-x@host"));
  const auto* run = std::get_if<spawn::Run>(&step);
  ASSERT_NE(run, nullptr);
  EXPECT_TRUE(run->asks);
  EXPECT_EQ(run->child.program, home_ + "/bin/qmail-getpw");
  EXPECT_EQ(run->child.arguments, (Words{"bin/qmail-getpw", "Joe-x"}));
  EXPECT_EQ(run->child.identity->uid, 50U);
  EXPECT_EQ(run->child.identity->gid, 51U);
  EXPECT_TRUE(run->child.identity_trusted);
}

TEST_F(LocalSpawnTest, AssignmentRunsQmailLocal) {
  assign("!joe-", "u\0007001\0007002\0/home/u\0-\0pre-"s);
  auto it = policy();
  const auto step = it.begin(order("Joe-X@y@Host"));
  const auto* run = std::get_if<spawn::Run>(&step);
  ASSERT_NE(run, nullptr);
  EXPECT_FALSE(run->asks);
  EXPECT_EQ(run->child.program, "/x/qmail-local");
  EXPECT_EQ(run->child.arguments, (Words{"bin/qmail-local", "--", "u", "/home/u", "Joe-X@y",
                                         "-", "pre-X@y", "Host", "s@a", "./Mailbox"}));
  EXPECT_EQ(run->child.identity->uid, 7001U);
  EXPECT_EQ(run->child.identity->gid, 7002U);
  // A user must not be able to stop qmail-lspawn.
  EXPECT_FALSE(run->child.identity_trusted);
  // /x/qmail-local does not exist, but it may come back.
  EXPECT_EQ(run->child.exec_failed, 120);
  EXPECT_FALSE(run->child.exec_failed_temporary);
}

TEST_F(LocalSpawnTest, AProgramThatNobodyMayExecuteIsAPermanentFailureUnlessNamedByTheHook) {
  assign("!joe\0"s, "u\0007001\0007002\0/home/u\0\0\0"s);
  const std::string barred = home_ + "/barred";
  ASSERT_TRUE(sys::open_truncated(barred, 0644));
  const auto exec_failed = [&](bool replaced) {
    LocalSpawn it({.home = home_,
                   .default_delivery = "./Mailbox",
                   .program = barred,
                   .replaced = replaced,
                   .lookup_identity = {7003, 7004}});
    const auto step = it.begin(order("joe@host"));
    return std::get<spawn::Run>(step).child.exec_failed;
  };
  EXPECT_EQ(exec_failed(false), 126);
  EXPECT_EQ(exec_failed(true), 120);
}

TEST_F(LocalSpawnTest, TheWorkOfOurOwnProgramIsDoneInAChild) {
  assign("!joe\0"s, "u\0007001\0007002\0/home/u\0\0\0"s);
  assign_another("!far\0"s, "u\0007001\0007002\0home/u\0\0\0"s);
  const std::string program = home_ + "/barred";
  const auto works = [&](const std::string& recipient, const std::string& mark) {
    LocalSpawn it({.home = home_,
                   .default_delivery = "./Mailbox",
                   .program = program,
                   .program_mark = mark,
                   .lookup_identity = {7003, 7004}});
    const auto step = it.begin(order(recipient));
    return static_cast<bool>(std::get<spawn::Run>(step).child.work);
  };
  EXPECT_FALSE(works("joe@host", "the mark"));
  auto file = sys::open_truncated(program, 0711);
  ASSERT_TRUE(file);
  ASSERT_TRUE(sys::write_all(file->get(), "with the mark in it"));
  EXPECT_TRUE(works("joe@host", "the mark"));
  EXPECT_FALSE(works("joe@host", "another mark"));
  EXPECT_FALSE(works("joe@host", ""));
  // For this home the program must run, since it reports why it refuses the home.
  EXPECT_FALSE(works("far@host", "the mark"));
}

TEST_F(LocalSpawnTest, RootIsRefused) {
  assign("!joe\0"s, "root\0000\0000\0/root\0\0"s);
  auto it = policy();
  EXPECT_EQ(code(it.begin(order("joe@host"))), 113);
}

TEST_F(LocalSpawnTest, RecordWithoutAllFields) {
  assign("!joe\0"s, "u\0007001\0007002\0/home/u"s);
  auto it = policy();
  EXPECT_EQ(code(it.begin(order("joe@host"))), 112);
}

TEST_F(LocalSpawnTest, BrokenCdbDefers) {
  ASSERT_TRUE(sys::open_truncated(home_ + "/users/cdb", 0644));
  auto it = policy();
  EXPECT_EQ(code(it.begin(order("joe@host"))), 117);
}

TEST_F(LocalSpawnTest, Answers) {
  auto it = policy();
  const auto step =
      it.answered(order("joe@host"), {false, 0}, {"u\0001\0002\0/\0-\0e\0"s, false});
  ASSERT_NE(std::get_if<spawn::Run>(&step), nullptr);
  EXPECT_EQ(code(it.answered(order("joe@host"), {false, 0}, {"", false})), 112);
  EXPECT_EQ(code(it.answered(order("joe@host"), {false, 0}, {"u\0001\0002\0/\0-\0e"s, false})),
            112);
  EXPECT_EQ(
      code(it.answered(order("joe@host"), {false, 0}, {"u\0000\0002\0/\0-\0e\0"s, false})),
      113);
  EXPECT_EQ(code(it.answered(order("joe@host"), {false, 0}, {"u\0001\0002\0/\0-\0e\0"s, true})),
            112);
  EXPECT_EQ(code(it.answered(order("joe@host"), {false, 116}, {"", false})), 116);
  EXPECT_EQ(code(it.answered(order("joe@host"), {true, 9}, {"", false})), 118);
  EXPECT_EQ(code(it.answered(order("joe@host"), {false, 127}, {"", false})), 121);
}

TEST(RemoteSpawnTest, Arguments) {
  RemoteSpawn policy({.home = "/nowhere", .program = "qmail-remote"});
  const auto step = policy.begin({3, "1/2", "", "a@b@Host", false});
  const auto* run = std::get_if<spawn::Run>(&step);
  ASSERT_NE(run, nullptr);
  EXPECT_FALSE(run->asks);
  EXPECT_EQ(run->child.program, "qmail-remote");
  EXPECT_EQ(run->child.arguments, (Words{"qmail-remote", "Host", "", "a@b@Host"}));
  EXPECT_FALSE(run->child.identity);
  EXPECT_EQ(run->child.exec_failed, 111);
  EXPECT_FALSE(run->child.exec_failed_temporary);
}

TEST(RemoteSpawnTest, PassesWhatTheSenderWants) {
  std::string home = "/tmp/remote-spawn.XXXXXX";
  ASSERT_NE(::mkdtemp(home.data()), nullptr);
  const std::string message = home + "/145";
  const std::string text = "RET=HDRS\nNOTIFY=NEVER\ta@h\n";
  const auto write = [](const std::string& path, std::string_view bytes) {
    std::ofstream(path) << bytes;
  };
  const auto passed = [&](bool passes) -> std::optional<std::string> {
    RemoteSpawn policy(
        {.home = "/nowhere", .program = "qmail-remote", .passes_wishes = passes});
    const auto step = policy.begin({3, message, "", "a@h", false});
    const auto& environment = std::get<spawn::Run>(step).child.environment;
    if (environment) {
      for (const std::string& variable : *environment) {
        if (variable.starts_with("QMAILDSN=")) {
          return variable.substr(9);
        }
      }
    }
    return std::nullopt;
  };
  write(message, "x\n");
  EXPECT_EQ(passed(true), std::nullopt);
  write(message + ".dsn", text);
  EXPECT_EQ(passed(true), text);
  EXPECT_EQ(passed(false), std::nullopt);
  write(message + ".dsn", "nonsense");
  EXPECT_EQ(passed(true), std::nullopt);
  // A file that is older than the message is of an earlier one.
  write(message + ".dsn", text);
  const std::array<timeval, 2> times = {{{1000, 0}, {1000, 0}}};
  ASSERT_EQ(::utimes((message + ".dsn").c_str(), times.data()), 0);
  EXPECT_EQ(passed(true), std::nullopt);
  EXPECT_EQ(::system(("rm -rf " + home).c_str()), 0);
}

TEST(HookProgram, PathsAndFallback) {
  ASSERT_EQ(::unsetenv("HOOKTEST"), 0);
  EXPECT_EQ(hook_program("HOOKTEST", "/q", "fall"), "fall");
  ASSERT_EQ(::setenv("HOOKTEST", "", 1), 0);
  EXPECT_EQ(hook_program("HOOKTEST", "/q", "fall"), "fall");
  ASSERT_EQ(::setenv("HOOKTEST", "/opt/x", 1), 0);
  EXPECT_EQ(hook_program("HOOKTEST", "/q", "fall"), "/opt/x");
  ASSERT_EQ(::setenv("HOOKTEST", "bin/x", 1), 0);
  EXPECT_EQ(hook_program("HOOKTEST", "/q", "fall"), "/q/bin/x");
  ASSERT_EQ(::unsetenv("HOOKTEST"), 0);
}

}  // namespace
}  // namespace reqmail::spawn
