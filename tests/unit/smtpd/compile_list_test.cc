// control/rcpthosts and morercpthosts.cdb, and the compilation of the latter.
#include "smtpd/compile_list.h"

#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <string>

#include "control/rcpthosts.h"
#include "mail/idna.h"
#include "sys/file.h"
#include "sys/stream.h"
#include "tests/unit/support/control_home.h"
#include "tests/unit/support/with_libidn2.h"

namespace reqmail::smtpd {
namespace {

using RcptHostsTest = tests::ControlHome;

Result<control::RcptHosts> load() {
  control::ControlFiles control;
  auto hosts = control::RcptHosts::load(control);
  if (control.failure()) {
    return temporary("control/" + control.failure()->name, control.failure()->error);
  }
  return hosts;
}

bool accepts(const control::RcptHosts& hosts, std::string_view domain) {
  auto answer = hosts.accepts(domain);
  EXPECT_TRUE(answer);
  return answer && *answer;
}

TEST_F(RcptHostsTest, WithoutFileEverybodyIsAccepted) {
  control("morercpthosts", "a.example\n");
  ASSERT_TRUE(compile_morercpthosts());
  auto hosts = load();
  ASSERT_TRUE(hosts);
  EXPECT_TRUE(accepts(*hosts, "anything"));
}

TEST_F(RcptHostsTest, WithSmtpUtf8DomainsAreComparedAsALabels) {
  control("rcpthosts", "b\u00fccher.example\nxn--strae-oqa.de\n");
  control("morercpthosts", ".m\u00fcller.example\n");
  ASSERT_TRUE(compile_morercpthosts());
  auto plain = load();
  ASSERT_TRUE(plain);
  EXPECT_TRUE(accepts(*plain, "b\u00fccher.example"));
  EXPECT_FALSE(accepts(*plain, "xn--bcher-kva.example"));
  EXPECT_FALSE(accepts(*plain, "stra\u00dfe.de"));
  EXPECT_TRUE(accepts(*plain, "a.m\u00fcller.example"));
  if (!mail::can_convert_u_labels()) {
    return;
  }
  control("smtputf8", "1\n");
  ASSERT_TRUE(compile_morercpthosts());
  auto hosts = load();
  ASSERT_TRUE(hosts);
  for (const char* domain :
       {"b\u00fccher.example", "B\u00dcCHER.example", "xn--bcher-kva.example", "stra\u00dfe.de",
        "a.m\u00fcller.example", "a.xn--mller-kva.example"}) {
    EXPECT_TRUE(accepts(*hosts, domain)) << domain;
  }
  EXPECT_FALSE(accepts(*hosts, "b\u00fcche.example"));
  EXPECT_FALSE(accepts(*hosts, "b\u00fc\u2028.example"));
}

// Damage matters only for domains that are not in rcpthosts.
TEST_F(RcptHostsTest, DamageIsTroubleWhereItIsNeeded) {
  control("rcpthosts", "here.example\n");
  for (const std::string& junk : {std::string("junk"), std::string(2048, '\xff')}) {
    control("morercpthosts.cdb", junk);
    auto hosts = load();
    ASSERT_TRUE(hosts);
    EXPECT_TRUE(accepts(*hosts, "here.example"));
    EXPECT_FALSE(hosts->accepts("else.example")) << junk.size();
  }
}

TEST_F(RcptHostsTest, ExactNamesAndSuffixes) {
  control("rcpthosts", "Here.example\n.dotted.example\n");
  control("morercpthosts", "More.example\n.wild.example\n");
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
  control("rcpthosts", "here.example\n");
  control("morercpthosts.cdb", "short");
  auto hosts = load();
  if (hosts) {
    EXPECT_FALSE(hosts->accepts("more.example"));
  }
}

TEST_F(RcptHostsTest, CompilingWithoutAListFailsAndKeepsTheOldFile) {
  control("morercpthosts.cdb", "old");
  auto compiled = compile_morercpthosts();
  ASSERT_FALSE(compiled);
  EXPECT_EQ(compiled.error().text, "unable to read control/morercpthosts: file does not exist");
  EXPECT_EQ(*sys::read_file("control/morercpthosts.cdb", 10), "old");
}

}  // namespace
}  // namespace reqmail::smtpd
