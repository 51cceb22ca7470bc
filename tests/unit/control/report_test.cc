// The report of qmail-showctl as far as conformance cases do not cover it: foreign files,
// secrets, and errors.
#include "control/report.h"

#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <string>

#include "sys/file.h"
#include "sys/stream.h"

namespace reqmail::control {
namespace {

class Report : public ::testing::Test {
 protected:
  void SetUp() override {
    char name[] = "/tmp/report.XXXXXX";
    ASSERT_NE(::mkdtemp(name), nullptr);
    directory_ = name;
    ASSERT_EQ(::chdir(name), 0);
  }

  void TearDown() override {
    ASSERT_EQ(::chdir("/"), 0);
    ASSERT_EQ(::system(("rm -r " + directory_).c_str()), 0);
  }

  static void write(const std::string& name, const std::string& text) {
    (void)::mkdir("control", 0755);
    auto file = sys::open_truncated("control/" + name, 0644);
    ASSERT_TRUE(file);
    ASSERT_TRUE(sys::write_all(file->get(), text));
  }

  static std::string all() {
    auto text = describe_control_files();
    return text ? *text : text.error().text;
  }

 private:
  std::string directory_;
};

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

TEST_F(Report, WithoutControlDirectory) {
  EXPECT_EQ(all(), "Oops! Unable to chdir to control.");
}

TEST_F(Report, UnreadableMeEndsTheReport) {
  ASSERT_EQ(::mkdir("control", 0755), 0);
  ASSERT_EQ(::mkdir("control/me", 0755), 0);
  EXPECT_EQ(all(), "Oops! Trouble reading control/me.");
}

TEST_F(Report, TroubleWithOneFileIsSaidAndTheOthersFollow) {
  write("me", "h.example\n");
  for (const char* name : {"control/rcpthosts", "control/databytes", "control/helohost"}) {
    ASSERT_EQ(::mkdir(name, 0755), 0);
  }
  const std::string text = all();
  EXPECT_TRUE(contains(text, "\nrcpthosts: Oops! Trouble reading this file.\n"));
  EXPECT_TRUE(contains(text, "\ndatabytes: Oops! Trouble reading this file.\n"));
  EXPECT_TRUE(contains(text, "\nhelohost: Oops! Trouble reading this file.\n"));
  EXPECT_TRUE(contains(text, "\nvirtualdomains: (Default.) No virtual domains.\n"));
}

TEST_F(Report, WithoutMe) {
  write("locals", "");
  const std::string text = all();
  EXPECT_TRUE(contains(text, "\nbouncehost: (Default.) Bounce host name is bouncehost.\n"));
  EXPECT_TRUE(contains(text, "\ndefaulthost: (Default.) Default host name is defaulthost.\n"));
}

TEST_F(Report, MorercpthostsWithoutRcpthosts) {
  write("morercpthosts", "a.example\n");
  const std::string text = all();
  EXPECT_TRUE(contains(text,
                       "\nmorercpthosts: \nNo rcpthosts; doesn't matter that morercpthosts has "
                       "a.example.\n"));
  write("morercpthosts.cdb", "");
  ASSERT_EQ(::unlink("control/morercpthosts"), 0);
  EXPECT_TRUE(contains(all(),
                       "\nmorercpthosts.cdb: Oops! morercpthosts.cdb exists but morercpthosts "
                       "doesn't.\n"));
}

TEST_F(Report, ForeignFilesAreNamedAndUnknownOnesToo) {
  write("me", "h.example\n");
  write("taps", "");
  write("badmailpatterns", "x\n");
  write("rsa2048.pem", "");
  write("defaultdelivery.lock", "");
  write("servercert.pem.old.1", "");
  write("whatever", "");
  const std::string text = all();
  EXPECT_TRUE(contains(
      text,
      "\nbadmailpatterns: ignored: belongs to indimail.\n\ndefaultdelivery.lock: ignored: "
      "belongs to vpopmail.\n\nrsa2048.pem: ignored: "
      "belongs to TLS.\n\nservercert.pem.old.1: ignored: belongs to "
      "qmail-cert.\n\ntaps: ignored: belongs to "
      "taps.\n\nwhatever: I have no idea what this file does.\n"));
}

TEST_F(Report, FilesOfOurOwnAreNamedOnlyWhereTheyAre) {
  write("me", "h.example\n");
  EXPECT_FALSE(contains(all(), "servercert"));
  EXPECT_FALSE(contains(all(), "tlsticketkey"));
  EXPECT_FALSE(contains(all(), "tlsclients"));
  EXPECT_FALSE(contains(all(), "smtpdlog"));
  write("servercert.pem", "PRIVATE\n");
  write("tlsticketkey", "PRIVATE\n");
  write("tlsclients", "a@b.example\n");
  write("smtpdlog", "qlog\n");
  const std::string text = all();
  EXPECT_FALSE(contains(text, "PRIVATE"));
  EXPECT_TRUE(contains(text, "\nservercert.pem: STARTTLS is offered to SMTP clients; "));
  EXPECT_TRUE(contains(text, "\ntlsticketkey: TLS sessions are resumed; "));
  EXPECT_TRUE(contains(text, "SMTP clients with a certificate of a@b.example may send"));
  EXPECT_TRUE(contains(text, "SMTP sessions are logged: qlog.\n"));
}

TEST_F(Report, PasswordsOfRoutesAreNotShown) {
  write("smtproutes",
        "a.example:relay.example|joe|secret1\nb.example:relay.example:587 jim "
        "secret2\nc.example:relay.example\n:[192.0.2.1]\nd.example:x y\n");
  const std::string text = all();
  EXPECT_FALSE(contains(text, "secret"));
  EXPECT_FALSE(contains(text, "joe"));
  EXPECT_TRUE(contains(text, "SMTP route: a.example:relay.example|\xe2\x80\xa6\n"));
  EXPECT_TRUE(contains(text, "SMTP route: b.example:relay.example:587 \xe2\x80\xa6\n"));
  EXPECT_TRUE(contains(text,
                       "SMTP route: c.example:relay.example\nSMTP route: :[192.0.2.1]\n"
                       "SMTP route: d.example:x y\n"));
}

TEST_F(Report, Head) {
  EXPECT_EQ(describe_installation({"/home", '+', 18, 255, 199, {"1", "2"}, {"3", "4"}}),
            "qmail home directory: /home.\nuser-ext delimiter: +.\n"
            "paternalism (in decimal): 18.\nsilent concurrency limit: 255.\n"
            "subdirectory split: 199.\nuser ids: 1, 2.\ngroup ids: 3, 4.\n");
}

}  // namespace
}  // namespace reqmail::control
