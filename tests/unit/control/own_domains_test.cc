#include "control/own_domains.h"

#include <gtest/gtest.h>

#include "tests/unit/support/control_home.h"

namespace reqmail::control {
namespace {

class OwnDomains : public tests::ControlHome {
 protected:
  static Result<bool> ours(std::string_view address) {
    ControlFiles files;
    return is_own_address(files, address);
  }
};

TEST_F(OwnDomains, EachListCounts) {
  control("me", "mail.example\n");
  control("locals", "local.example\n");
  control("rcpthosts", "Relayed.example\n.below.example\n");
  control("virtualdomains", "virtual.example:joe\nann@elsewhere.example:joe\n");
  for (const char* address : {"x@local.example", "x@relayed.EXAMPLE", "x@a.below.example",
                              "x@virtual.example", "ann@elsewhere.example"}) {
    EXPECT_TRUE(*ours(address)) << address;
  }
  for (const char* address :
       {"x@below.example", "x@other.example", "x@xlocal.example", "bob@elsewhere.example"}) {
    EXPECT_FALSE(*ours(address)) << address;
  }
}

TEST_F(OwnDomains, NoDomainIsOursForWantOfRcpthosts) {
  control("me", "mail.example\n");
  EXPECT_TRUE(*ours("x@mail.example"));
  EXPECT_FALSE(*ours("x@other.example"));
}

TEST_F(OwnDomains, WhatCannotBeRead) {
  control("me", "mail.example\n");
  control("rcpthosts", "a.example\n");
  control("morercpthosts.cdb", "damaged");
  EXPECT_EQ(ours("x@b.example").error().text, "control/morercpthosts.cdb cannot be read");
  EXPECT_TRUE(*ours("x@a.example"));
  make_unreadable("virtualdomains");
  EXPECT_EQ(ours("x@a.example").error().text, "control/virtualdomains cannot be read");
}

}  // namespace
}  // namespace reqmail::control
