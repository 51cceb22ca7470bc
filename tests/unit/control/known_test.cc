// The table of control files.
#include "control/known.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

#include "control/foreign.h"

namespace reqmail::control {
namespace {

TEST(Known, DefaultsThatProgramsTake) {
  EXPECT_EQ(default_number("concurrencylocal"), 10U);
  EXPECT_EQ(default_number("concurrencyremote"), 20U);
  EXPECT_EQ(default_number("queuelifetime"), 604800U);
  EXPECT_EQ(default_number("timeoutconnect"), 60U);
  EXPECT_EQ(default_number("timeoutremote"), 1200U);
  EXPECT_EQ(default_number("timeoutsmtpd"), 1200U);
  EXPECT_EQ(default_number("databytes"), 0U);
  EXPECT_EQ(default_number("maxrcpt"), 10'000U);
  EXPECT_EQ(default_text("bouncefrom"), "MAILER-DAEMON");
  EXPECT_EQ(default_text("doublebounceto"), "postmaster");
}

TEST(Known, NoNameTwiceAndNoneBothKnownAndForeign) {
  std::set<std::string> names;
  for (const KnownFile& file : kKnownFiles) {
    EXPECT_TRUE(names.insert(std::string(file.name)).second) << file.name;
    EXPECT_FALSE(file.readers.empty()) << file.name;
  }
  for (const ForeignFile& file : kForeignFiles) {
    EXPECT_TRUE(names.insert(std::string(file.name)).second) << file.name;
  }
}

}  // namespace
}  // namespace reqmail::control
