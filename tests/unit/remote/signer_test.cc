#include "remote/signer.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "mail/signing.h"
#include "remote/shared_signer.h"
#include "sys/clock.h"
#include "sys/descriptor_io.h"
#include "sys/fd.h"
#include "sys/packets.h"
#include "tests/unit/support/temporary_home.h"

namespace reqmail::remote {
namespace {

class SignerTest : public ::testing::Test {
 protected:
  SignerTest() {
    EXPECT_EQ(::mkdir("bin", 0755), 0);
    testing::put_file("message", "From: x\n\nbody\n");
    message_ = sys::Fd(::open("message", O_RDONLY));
  }

  // Another program in the place of qmail-sign.
  static void program(const std::string& script) {
    testing::put_file("bin/qmail-sign", "#!/bin/sh\n" + script, 0755);
  }

  Signer signer(bool wanted = true) {
    return Signer({"s@a.example", {"r@b.example", "t@c.example"}, message_.get(), wanted});
  }

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

TEST_F(SignerTest, NothingIsStartedThatIsNotWanted) {
  program("touch started\necho 'A: b'\n");
  EXPECT_EQ(*fields(signer(false)), "");
  EXPECT_EQ(testing::content_of("started"), "<none>");
}

TEST_F(SignerTest, GetsAddressesAndTheMessage) {
  program("echo \"A: $*\"\nread -r line\necho \"B: $line\"\n");
  EXPECT_EQ(*fields(signer()), "A: s@a.example r@b.example t@c.example\nB: From: x\n");
}

TEST_F(SignerTest, IsStartedOnce) {
  program("echo 'A: b'\n");
  Signer one = signer();
  one.start();
  const pid_t child = one.hand_over()->pid;
  one.start();
  EXPECT_EQ(one.hand_over()->pid, child);
  EXPECT_EQ(*one.fields(sys::monotonic() + std::chrono::seconds(20)), "A: b\n");
  one.start();
  EXPECT_FALSE(one.hand_over());
  EXPECT_EQ(*one.fields(sys::monotonic()), "A: b\n");
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

TEST_F(SignerTest, ItOnlyReads) {
  program("touch x 2>&- || echo 'A: no'\n");
  const auto found = fields(signer());
  if (found && found->empty()) {
    GTEST_SKIP() << "this system has no filter of calls";
  }
  EXPECT_EQ(*found, "A: no\n");
}

// A signer that stays: the test has its end of the socket, and qmail-remote the usual one.
class SharedSignerTest : public SignerTest {
 protected:
  SharedSignerTest() {
    program("echo 'A: child'\n");
    offer_shared_signer();
    for (sys::Fd* const one : {&message_, &pair_->one, &pair_->other}) {
      *one = sys::Fd(::fcntl(one->get(), F_DUPFD_CLOEXEC, kSharedSignerDescriptor + 1));
    }
    EXPECT_TRUE(sys::duplicate_to(pair_->one.get(), kSharedSignerDescriptor));
    pair_->one.close();
  }

  ~SharedSignerTest() override {
    withdraw_shared_signer();
    const sys::Fd end(kSharedSignerDescriptor);
  }

  // Answers the request that has come with these bytes.
  void answer(std::string_view bytes) {
    auto packet = sys::receive_packet(pair_->other.get(), 1000);
    ASSERT_TRUE(packet && *packet);
    request_ = mail::parse_signing_request((*packet)->bytes);
    std::string text(4, '\0');
    EXPECT_EQ(::pread((*packet)->descriptor.get(), text.data(), 4, 0), 4);
    EXPECT_EQ(text, "From");
    EXPECT_TRUE(sys::write_all((*packet)->second.get(), bytes));
  }

  std::string result(std::string_view bytes) {
    Signer one = signer();
    one.start();
    answer(bytes);
    const auto found = one.fields(sys::monotonic() + std::chrono::seconds(20));
    return found ? *found : found.error().text;
  }

  Result<sys::SocketPair> pair_ = sys::make_packet_pair();
  std::optional<mail::SigningRequest> request_;
};

TEST_F(SharedSignerTest, GetsTheRequestAndTheMessage) {
  EXPECT_EQ(result(mail::signing_answer(std::string("A: b\n"))), "A: b\n");
  ASSERT_TRUE(request_);
  EXPECT_TRUE(request_->dkim);
  EXPECT_EQ(request_->sender, "s@a.example");
  ASSERT_EQ(::setenv("NODKIM", "", 1), 0);
  EXPECT_EQ(result(mail::signing_answer(std::string())), "");
  EXPECT_FALSE(request_->dkim);
  ASSERT_EQ(::unsetenv("NODKIM"), 0);
}

TEST_F(SharedSignerTest, NothingButAWholeAnswerCounts) {
  EXPECT_EQ(result(mail::signing_answer(temporary("control/x: no\tkey"))),
            "Unable to sign the message: control/x: no?key. (#4.3.0)");
  const std::string whole = mail::signing_answer(std::string("A: b\n"));
  for (std::size_t size = 0; size < whole.size(); ++size) {
    EXPECT_EQ(result(whole.substr(0, size)),
              "Unable to sign the message: qmail-sign failed. (#4.3.0)")
        << size;
  }
  EXPECT_EQ(result(mail::signing_answer(std::string("body"))),
            "Unable to sign the message: qmail-sign prints no header fields. (#4.3.0)");
}

TEST_F(SharedSignerTest, SilenceTakesNoLongerThanTheSession) {
  Signer slow = signer();
  const auto begun = sys::monotonic();
  const auto found = slow.fields(begun + std::chrono::milliseconds(100));
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().text, "Unable to sign the message: it takes too long. (#4.3.0)");
}

TEST_F(SharedSignerTest, WhenItHasEndedAChildSigns) {
  pair_->other.close();
  EXPECT_EQ(*fields(signer()), "A: child\n");
}

TEST_F(SharedSignerTest, WhenItIsBehindAChildSigns) {
  while (sys::send_packet(kSharedSignerDescriptor, std::string(1000, 'x'))) {
  }
  EXPECT_EQ(*fields(signer()), "A: child\n");
}

TEST_F(SharedSignerTest, AnotherProgramGoesOnWithIt) {
  Signer first = signer();
  first.start();
  const auto running = first.hand_over();
  ASSERT_TRUE(running);
  EXPECT_EQ(running->pid, 0);
  auto output = sys::duplicate(running->output);
  Signer second = signer();
  second.take_over({0, output->release()});
  answer(mail::signing_answer(std::string("A: b\n")));
  EXPECT_EQ(*second.fields(sys::monotonic() + std::chrono::seconds(20)), "A: b\n");
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
