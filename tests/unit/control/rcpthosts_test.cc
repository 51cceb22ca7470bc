#include "control/rcpthosts.h"

#include <gtest/gtest.h>

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

}  // namespace
}  // namespace reqmail::control
