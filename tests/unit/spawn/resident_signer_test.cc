// When qmail-rspawn keeps a signer, and when it starts another one.
#include "spawn/resident_signer.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <string>

#include "sys/env.h"
#include "sys/program_mark.h"
#include "tests/unit/support/temporary_home.h"

namespace reqmail::spawn {
namespace {

constexpr auto kBytes = sys::program_mark("some-program");
const std::string kMark(kBytes.begin(), kBytes.end());
constexpr const char* kVariable = "QMAILREMOTESIGNER";

class ResidentSignerTest : public ::testing::Test {
 protected:
  ResidentSignerTest() {
    EXPECT_TRUE(std::filesystem::create_directories("control"));
    EXPECT_TRUE(std::filesystem::create_directories("bin"));
    use("exec cat\n");
  }

  ~ResidentSignerTest() override { (void)sys::take_environment_value(kVariable); }

  // Installs a script in place of qmail-sign. The mark is in a comment.
  static void use(const std::string& script, const std::string& mark = kMark) {
    testing::put_file("bin/new", "#!/bin/sh\n" + script + "exit 0\n" + mark, 0755);
    std::filesystem::rename("bin/new", "bin/qmail-sign");
  }

  // Reaps children, as the engine does, until the signer has ended. Other tests leave children.
  void wait_for_its_end() {
    while (sys::environment_value(kVariable)) {
      if (const auto ended = sys::reap()) {
        signer_.child_ended(ended->pid);
      } else {
        ::usleep(1000);
      }
    }
  }

  testing::TemporaryHome home_;
  ResidentSigner signer_{home_.path(), kMark};
};

TEST_F(ResidentSignerTest, OnlyWhileControlFilesSaySo) {
  EXPECT_EQ(signer_.socket(), std::nullopt);
  EXPECT_FALSE(sys::environment_value(kVariable));
  testing::put_file("control/dkimkeys", "");
  const auto first = signer_.socket();
  ASSERT_TRUE(first);
  EXPECT_TRUE(sys::environment_value(kVariable));
  EXPECT_EQ(signer_.socket(), first);
  std::filesystem::remove("control/dkimkeys");
  EXPECT_EQ(signer_.socket(), std::nullopt);
  EXPECT_FALSE(sys::environment_value(kVariable));
  testing::put_file("control/arcseal", "");
  EXPECT_TRUE(signer_.socket());
}

TEST_F(ResidentSignerTest, AnotherProgramIsNotKept) {
  testing::put_file("control/dkimkeys", "");
  use("exec cat\n", "");
  EXPECT_EQ(signer_.socket(), std::nullopt);
  std::filesystem::remove("bin/qmail-sign");
  EXPECT_EQ(signer_.socket(), std::nullopt);
}

TEST_F(ResidentSignerTest, ANewProgramTakesThePlaceOfTheOld) {
  testing::put_file("control/dkimkeys", "");
  ASSERT_TRUE(signer_.socket());
  use("exec cat -u\n");
  ASSERT_TRUE(signer_.socket());
  EXPECT_TRUE(signer_.socket());
}

TEST_F(ResidentSignerTest, OneThatEndsIsNotReplacedAtOnce) {
  testing::put_file("control/dkimkeys", "");
  use("exit 1\n");
  ASSERT_TRUE(signer_.socket());
  wait_for_its_end();
  EXPECT_EQ(signer_.socket(), std::nullopt);
  EXPECT_FALSE(sys::environment_value(kVariable));
  use("exec cat\n");
  EXPECT_TRUE(signer_.socket());
}

}  // namespace
}  // namespace reqmail::spawn
