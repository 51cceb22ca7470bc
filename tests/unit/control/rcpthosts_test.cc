#include "control/rcpthosts.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include "tests/unit/support/control_home.h"
#include "tests/unit/support/with_libidn2.h"

namespace reqmail::control {
namespace {

using RcptHostsFile = tests::ControlHome;

RcptHosts load() {
  ControlFiles files;
  return RcptHosts::load(files);
}

TEST_F(RcptHostsFile, AFileThatIsNotThereListsNothingAndAcceptsAll) {
  EXPECT_FALSE(load().exists());
  EXPECT_TRUE(*load().accepts("a.example"));
}

TEST_F(RcptHostsFile, NamesAndSuffixesInAnyCase) {
  control("rcpthosts", "A.example\n.b.example\n");
  EXPECT_TRUE(load().exists());
  for (const char* domain : {"a.EXAMPLE", "x.b.example", "x.y.b.example"}) {
    EXPECT_TRUE(*load().accepts(domain)) << domain;
  }
  for (const char* domain : {"b.example", "x.a.example", "example", ""}) {
    EXPECT_FALSE(*load().accepts(domain)) << domain;
  }
}

TEST_F(RcptHostsFile, TheDatabaseIsOpenedInAStepOfItsOwn) {
  control("rcpthosts", "a.example\n");
  control("morercpthosts.cdb", "damaged");
  ControlFiles files;
  RcptHosts hosts = RcptHosts::load_list(files);
  EXPECT_FALSE(*hosts.accepts("b.example"));
  ASSERT_TRUE(hosts.open_database());
  EXPECT_TRUE(*hosts.accepts("a.example"));
  EXPECT_FALSE(hosts.accepts("b.example"));
}

TEST_F(RcptHostsFile, ADatabaseThatCannotBeOpenedIsAFailure) {
  control("rcpthosts", "a.example\n");
  ASSERT_EQ(::symlink("morercpthosts.cdb", "control/morercpthosts.cdb"), 0);
  ControlFiles files;
  RcptHosts hosts = RcptHosts::load_list(files);
  EXPECT_FALSE(files.failure());
  EXPECT_FALSE(hosts.open_database());
  (void)RcptHosts::load(files);
  EXPECT_TRUE(files.failure());
}

TEST_F(RcptHostsFile, WithoutAListThereIsNoDatabase) {
  control("morercpthosts.cdb", "damaged");
  ControlFiles files;
  RcptHosts hosts = RcptHosts::load_list(files);
  EXPECT_TRUE(hosts.open_database());
  EXPECT_TRUE(*hosts.accepts("b.example"));
}

}  // namespace
}  // namespace reqmail::control
