#include "remote/signer.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <chrono>
#include <string>
#include <utility>

#include "sys/clock.h"
#include "sys/fd.h"
#include "tests/unit/support/temporary_home.h"

namespace reqmail::remote {
namespace {

class SignerTest : public ::testing::Test {
 protected:
  SignerTest() {
    EXPECT_EQ(::mkdir("control", 0755), 0);
    EXPECT_EQ(::mkdir("bin", 0755), 0);
    testing::put_file("message", "From: x\n\nbody\n");
    message_ = sys::Fd(::open("message", O_RDONLY));
  }

  // Another program in the place of qmail-sign.
  static void program(const std::string& script) {
    testing::put_file("bin/qmail-sign", "#!/bin/sh\n" + script, 0755);
    testing::put_file("control/dkimkeys", "");
  }

  Signer signer() { return {"s@a.example", {"r@b.example", "t@c.example"}, message_.get()}; }

  static Result<std::string> fields(Signer signer) {
    return signer.fields(sys::monotonic() + std::chrono::seconds(20));
  }

  std::string failure() {
    const auto found = fields(signer());
    return found ? "fields: " + *found : found.error().text;
  }

  testing::TemporaryHome home_;
  sys::Fd message_;
};

TEST_F(SignerTest, WithoutControlFilesNothingIsStarted) {
  program("touch started\necho 'A: b'\n");
  ASSERT_EQ(::unlink("control/dkimkeys"), 0);
  EXPECT_EQ(*fields(signer()), "");
  EXPECT_EQ(testing::content_of("started"), "<none>");
}

TEST_F(SignerTest, EachControlFileCounts) {
  program("echo 'A: b'\n");
  EXPECT_EQ(*fields(signer()), "A: b\n");
  ASSERT_EQ(::rename("control/dkimkeys", "control/dkimdomains"), 0);
  EXPECT_EQ(*fields(signer()), "A: b\n");
  ASSERT_EQ(::unlink("control/dkimdomains"), 0);
  ASSERT_EQ(::mkdir("control/domainkeys", 0755), 0);
  EXPECT_EQ(*fields(signer()), "A: b\n");
  ASSERT_EQ(::setenv("NODKIM", "", 1), 0);
  EXPECT_EQ(*fields(signer()), "");
  ASSERT_EQ(::unsetenv("NODKIM"), 0);
}

TEST_F(SignerTest, GetsAddressesAndTheMessage) {
  program("echo \"A: $*\"\nread -r line\necho \"B: $line\"\n");
  EXPECT_EQ(*fields(signer()), "A: s@a.example r@b.example t@c.example\nB: From: x\n");
}

TEST_F(SignerTest, IsStartedOnce) {
  program("echo x >>started\necho 'A: b'\n");
  Signer one = signer();
  one.start();
  one.start();
  EXPECT_EQ(*one.fields(sys::monotonic() + std::chrono::seconds(20)), "A: b\n");
  one.start();
  EXPECT_EQ(*one.fields(sys::monotonic()), "A: b\n");
  EXPECT_EQ(testing::content_of("started"), "x\n");
}

TEST_F(SignerTest, WhatItSaysOfAFailure) {
  program("echo 'qmail-sign: control/x: no\tkey' >&2\nexit 111\n");
  EXPECT_EQ(failure(), "Unable to sign the message: control/x: no?key. (#4.3.0)");
  program("echo 'A: b'\nexit 1\n");
  EXPECT_EQ(failure(), "Unable to sign the message: qmail-sign failed. (#4.3.0)");
  program("kill -9 $$\n");
  EXPECT_EQ(failure(), "Unable to sign the message: qmail-sign failed. (#4.3.0)");
  ASSERT_EQ(::unlink("bin/qmail-sign"), 0);
  EXPECT_EQ(failure().substr(0, 50), "Unable to sign the message: unable to run it: file");
}

TEST_F(SignerTest, OnlyFieldsAreTaken) {
  for (const char* const output : {"body", "A: b\\n\\nbody\\n", " A: b\\n", "A: b\\r\\n"}) {
    program(std::string("printf '") + output + "'\n");
    EXPECT_EQ(failure(),
              "Unable to sign the message: qmail-sign prints no header fields. (#4.3.0)")
        << output;
  }
  program("head -c 300000 /dev/zero\n");
  EXPECT_EQ(failure(), "Unable to sign the message: too many fields. (#4.3.0)");
}

TEST_F(SignerTest, TakesNoLongerThanTheSession) {
  program("exec sleep 60\n");
  Signer slow = signer();
  const auto begun = sys::monotonic();
  const auto found = slow.fields(begun + std::chrono::milliseconds(100));
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().text, "Unable to sign the message: it takes too long. (#4.3.0)");
  EXPECT_LT(sys::monotonic() - begun, std::chrono::seconds(30));
}

TEST_F(SignerTest, APipeIsNotRead) {
  program("echo 'A: b'\n");
  auto pipe = sys::make_pipe();
  message_ = std::move(pipe->read);
  EXPECT_EQ(failure(), "Unable to sign the message: it is not in a regular file. (#4.3.0)");
}

TEST_F(SignerTest, AnotherProgramGoesOnWithIt) {
  program("read -r line\necho \"B: $line\"\n");
  Signer first = signer();
  EXPECT_FALSE(first.hand_over());
  first.start();
  const auto running = first.hand_over();
  ASSERT_TRUE(running);
  EXPECT_EQ(::fcntl(running->output, F_GETFD), 0);
  // The other program has descriptors of its own.
  auto output = sys::duplicate(running->output);
  Signer second = signer();
  second.take_over({running->pid, output->release()});
  EXPECT_EQ(*second.fields(sys::monotonic() + std::chrono::seconds(20)), "B: From: x\n");
}

}  // namespace
}  // namespace reqmail::remote
