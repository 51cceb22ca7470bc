// A signer that stays, in a child process: the requests of the test are those of qmail-remote.
#include "sign/resident.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <string>

#include "crypto/library.h"
#include "mail/signing.h"
#include "sys/child.h"
#include "sys/packets.h"
#include "sys/process.h"
#include "sys/stream.h"
#include "tests/unit/support/temporary_home.h"

namespace reqmail::sign {
namespace {

const std::string kPath = "control/domainkeys/d.example/default";
constexpr sys::Identity kNobody{65534, 65534};
constexpr const char* kMessage = "From: Ann <ann@d.example>\n\nbody\n";

class ResidentTest : public ::testing::Test {
 protected:
  void SetUp() override {
    std::filesystem::create_directories("control");
    testing::put_file("message", kMessage);
    sys::ChildSpec spec;
    spec.program = "qmail-sign";
    spec.descriptors = {{pair_->other.get(), 0}};
    if (::geteuid() == 0) {
      EXPECT_EQ(::chmod(home_.path().c_str(), 0755), 0);
      spec.identity = kNobody;
    }
    spec.work = [] {
      crypto::prepare_library();
      return Resident(0).serve() ? 0 : 1;
    };
    auto child = sys::spawn(spec);
    ASSERT_TRUE(child);
    resident_ = *std::move(child);
    pair_->other.close();
  }

  static void put_key_text(const std::string& text) {
    std::filesystem::create_directories(std::filesystem::path(kPath).parent_path());
    testing::put_file(kPath, text);
    if (::geteuid() == 0) {
      EXPECT_EQ(::chown(kPath.c_str(), kNobody.uid, kNobody.gid), 0);
    }
  }

  // The answer to a packet with the message; "<none>" if it is incomplete.
  std::string ask(const std::string& packet) {
    auto pipe = sys::make_pipe();
    const sys::Fd message(::open("message", O_RDONLY));
    EXPECT_TRUE(sys::send_packet(pair_->one.get(), packet, message.get(), pipe->write.get()));
    pipe->write.close();
    const auto answer = mail::parse_signing_answer(*sys::read_all(pipe->read.get(), 100000));
    if (!answer) {
      return "<none>";
    }
    return *answer ? **answer : "failure: " + answer->error().text;
  }

  testing::TemporaryHome home_;
  Result<sys::SocketPair> pair_ = sys::make_packet_pair();
  sys::Child resident_;
};

// A confined child cannot sign here, since sanitizers make other system calls;
// tests/blackbox/test_resident_signer.py has the signatures.
TEST_F(ResidentTest, SeesWhatChanges) {
  const std::string request = mail::signing_request({true, "ann@d.example"});
  EXPECT_EQ(ask(request), "");
  put_key_text("no key\n");
  const std::string failure = "failure: " + kPath + ": ";
  EXPECT_EQ(ask(request),
            failure + "no private key in PEM of RSA or Ed25519 without a password");
  ASSERT_EQ(::chmod(kPath.c_str(), 0644), 0);
  EXPECT_EQ(ask(request), failure + "every user can read or change it");
  EXPECT_EQ(ask(mail::signing_request({false, "ann@d.example"})), "");
  testing::put_file("control/dkimkeys", "d.example:k/none\n", 0644);
  EXPECT_EQ(ask(request), "failure: k/none: file does not exist");
}

TEST_F(ResidentTest, NonsenseGetsNoAnswer) {
  EXPECT_EQ(ask("nonsense"), "");
  EXPECT_EQ(ask("x"), "<none>");
  EXPECT_EQ(ask(std::string(mail::kSigningRequestMax + 1, 'd')), "<none>");
  ASSERT_TRUE(sys::send_packet(pair_->one.get(), "d"));
  EXPECT_EQ(ask("n"), "");
}

TEST_F(ResidentTest, EndsWithTheSocket) {
  pair_->one.close();
  const auto end = resident_.wait();
  EXPECT_TRUE(end && end->success());
}

}  // namespace
}  // namespace reqmail::sign
