// The settings of the authentication of messages from control files and environment.
#include "smtpd/authentication_files.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include "tests/unit/support/temporary_home.h"

namespace reqmail::smtpd {
namespace {

using judge::DmarcMode;

class AuthenticationFilesTest : public ::testing::Test {
 protected:
  void SetUp() override {
    ASSERT_EQ(::mkdir("control", 0755), 0);
    put("me", "mx.example\n");
  }

  static void put(const std::string& name, const std::string& text) {
    reqmail::testing::put_file("control/" + name, text);
  }

  [[nodiscard]] AuthenticationFiles load(bool spf = false) const {
    control::ControlFiles files;
    auto loaded = load_authentication_files(files, switches_, variable_, spf);
    EXPECT_TRUE(loaded);
    return loaded ? std::move(*loaded) : AuthenticationFiles();
  }

  reqmail::testing::TemporaryHome home_;
  AuthenticationSwitches switches_;
  std::optional<std::string> variable_;
};

TEST_F(AuthenticationFilesTest, Modes) {
  EXPECT_EQ(dmarc_mode({}, std::nullopt), DmarcMode::off);
  EXPECT_EQ(dmarc_mode({0, "none"}, std::nullopt), DmarcMode::none);
  EXPECT_EQ(dmarc_mode({0, "Quarantine"}, std::nullopt), DmarcMode::quarantine);
  EXPECT_EQ(dmarc_mode({0, "reject"}, std::nullopt), DmarcMode::reject);
  EXPECT_EQ(dmarc_mode({0, "reject"}, ""), DmarcMode::off);
  EXPECT_EQ(dmarc_mode({0, "none"}, "reject"), DmarcMode::reject);
  EXPECT_EQ(dmarc_mode({0, "rejct"}, std::nullopt), DmarcMode::off);
}

TEST_F(AuthenticationFilesTest, DmarcSwitchesDkimOn) {
  EXPECT_FALSE(load().dkim);
  EXPECT_EQ(load().service, "");
  EXPECT_EQ(load(true).service, "mx.example");
  switches_.dkimverify = 1;
  EXPECT_TRUE(load().dkim);
  switches_ = {0, "none"};
  EXPECT_TRUE(load().dkim);
  EXPECT_EQ(load().service, "mx.example");
}

TEST_F(AuthenticationFilesTest, FilesOfDmarc) {
  switches_.dmarc = "reject";
  put("dmarcexempt", "192.0.2.0/24\nnonsense\n@list.example\n");
  put("dmarcfailclosed", "1\n");
  put("arctrusted", "forward.example\n");
  put("authservid", "site.example\n");
  put("authresultsuser", "1\n");
  const AuthenticationFiles files = load();
  EXPECT_TRUE(files.exemptions.has_client(*base::IpAddress::parse("192.0.2.9")));
  EXPECT_EQ(files.exemptions.author_domains, std::vector<std::string>{"list.example"});
  EXPECT_EQ(files.faults.size(), 1U);
  EXPECT_TRUE(files.errors_refuse);
  EXPECT_EQ(files.trusted_sealers, std::vector<std::string>{"forward.example"});
  EXPECT_EQ(files.service, "site.example");
  EXPECT_TRUE(files.show_user);
}

TEST_F(AuthenticationFilesTest, AWordThatIsNoPolicyIsNamed) {
  switches_.dmarc = "rejct";
  EXPECT_EQ(load().faults,
            std::vector<std::string>{"control/dmarc: bad line: rejct (no policy)"});
  variable_ = "reject";
  EXPECT_TRUE(load().faults.empty());
}

}  // namespace
}  // namespace reqmail::smtpd
