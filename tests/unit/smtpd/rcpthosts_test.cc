// control/rcpthosts and morercpthosts.cdb, and how the latter is made.
#include "smtpd/rcpthosts.h"

#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <string>

#include "smtpd/compile_morercpthosts.h"
#include "sys/file.h"
#include "sys/stream.h"

namespace reqmail::smtpd {
namespace {

class RcptHostsTest : public testing::Test {
 protected:
  void SetUp() override {
    char name[] = "/tmp/rcpthosts.XXXXXX";
    ASSERT_NE(::mkdtemp(name), nullptr);
    directory_ = name;
    ASSERT_EQ(::chdir(name), 0);
    ASSERT_EQ(::mkdir("control", 0755), 0);
  }

  void TearDown() override {
    ASSERT_EQ(::chdir("/"), 0);
    ASSERT_EQ(::system(("rm -r " + directory_).c_str()), 0);
  }

  static void write(const std::string& name, const std::string& text) {
    auto file = sys::open_truncated("control/" + name, 0644);
    ASSERT_TRUE(file);
    ASSERT_TRUE(sys::write_all(file->get(), text));
  }

 private:
  std::string directory_;
};

Result<RcptHosts> load() {
  control::ControlFiles control;
  auto hosts = RcptHosts::load(control);
  if (control.failure()) {
    return temporary("control/" + control.failure()->name, control.failure()->error);
  }
  return hosts;
}

bool accepts(const RcptHosts& hosts, std::string_view domain) {
  auto answer = hosts.accepts(domain);
  EXPECT_TRUE(answer);
  return answer && *answer;
}

TEST_F(RcptHostsTest, WithoutFileEverybodyIsAccepted) {
  write("morercpthosts", "a.example\n");
  ASSERT_TRUE(compile_morercpthosts());
  auto hosts = load();
  ASSERT_TRUE(hosts);
  EXPECT_TRUE(accepts(*hosts, "anything"));
}

// Only for whom rcpthosts does not name.
TEST_F(RcptHostsTest, DamageIsTroubleWhereItIsNeeded) {
  write("rcpthosts", "here.example\n");
  for (const std::string& junk : {std::string("junk"), std::string(2048, '\xff')}) {
    write("morercpthosts.cdb", junk);
    auto hosts = load();
    ASSERT_TRUE(hosts);
    EXPECT_TRUE(accepts(*hosts, "here.example"));
    EXPECT_FALSE(hosts->accepts("else.example")) << junk.size();
  }
}

TEST_F(RcptHostsTest, ExactNamesAndSuffixes) {
  write("rcpthosts", "Here.example\n.dotted.example\n");
  write("morercpthosts", "More.example\n.wild.example\n");
  ASSERT_TRUE(compile_morercpthosts());
  auto hosts = load();
  ASSERT_TRUE(hosts);
  for (const char* domain :
       {"here.EXAMPLE", "a.dotted.example", "a.b.Dotted.example", ".dotted.example",
        "more.example", "x.WILD.example", "x.y.wild.example"}) {
    EXPECT_TRUE(accepts(*hosts, domain)) << domain;
  }
  for (const char* domain : {"", ".", "example", "x.here.example", "xhere.example",
                             "here.example.", "dotted.example", "xdotted.example",
                             "wild.example", "x.more.example", "here.example "}) {
    EXPECT_FALSE(accepts(*hosts, domain)) << domain;
  }
}

TEST_F(RcptHostsTest, BrokenCdbIsAFailure) {
  write("rcpthosts", "here.example\n");
  write("morercpthosts.cdb", "short");
  auto hosts = load();
  if (hosts) {
    EXPECT_FALSE(hosts->accepts("more.example"));
  }
}

TEST_F(RcptHostsTest, CompilingWithoutAListFailsAndKeepsTheOldFile) {
  write("morercpthosts.cdb", "old");
  auto compiled = compile_morercpthosts();
  ASSERT_FALSE(compiled);
  EXPECT_EQ(compiled.error().text, "unable to read control/morercpthosts: file does not exist");
  EXPECT_EQ(*sys::read_file("control/morercpthosts.cdb", 10), "old");
}

}  // namespace
}  // namespace reqmail::smtpd
