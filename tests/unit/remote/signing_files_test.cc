#include "remote/signing_files.h"

#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <string>
#include <string_view>

#include "remote/settings.h"
#include "tests/unit/support/temporary_home.h"

namespace reqmail::remote {
namespace {

class SigningFiles : public ::testing::Test {
 protected:
  SigningFiles() {
    EXPECT_EQ(::mkdir("control", 0755), 0);
    testing::put_file("control/me", "host.example\n");
  }

  // What qmail-remote and qmail-rspawn find.
  [[nodiscard]] bool wanted() const {
    const bool looked = wants_signing(
        [this](std::string_view name) { return is_control_file_there(home_.path(), name); });
    EXPECT_EQ(read_remote_settings()->delivery.signs, looked);
    EXPECT_EQ(read_delivery_settings()->signs, looked);
    return looked;
  }

  testing::TemporaryHome home_;
};

TEST_F(SigningFiles, EachCounts) {
  EXPECT_FALSE(wanted());
  for (const std::string name : {"arcseal", "dkimkeys", "dkimdomains", "domainkeys"}) {
    const std::string path = "control/" + name;
    testing::put_file(path, "");
    EXPECT_TRUE(wanted()) << name;
    ASSERT_EQ(::setenv("NODKIM", "", 1), 0);
    EXPECT_EQ(wanted(), name == "arcseal");
    ASSERT_EQ(::unsetenv("NODKIM"), 0);
    ASSERT_EQ(::unlink(path.c_str()), 0);
  }
  EXPECT_FALSE(wanted());
}

TEST_F(SigningFiles, WhatCannotBeLookedAtIsThere) {
  ASSERT_EQ(::symlink("dkimkeys", "control/dkimkeys"), 0);
  EXPECT_TRUE(wanted());
}

}  // namespace
}  // namespace reqmail::remote
