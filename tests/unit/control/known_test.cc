// The table of control files.
#include "control/known.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

#include "config.h"
#include "control/derived.h"
#include "control/file_name.h"
#include "legacy/control_verdicts.h"

namespace reqmail::control {
namespace {

TEST(Known, DefaultsThatProgramsTake) {
  EXPECT_EQ(known_file("concurrencylocal").fallback_number, 10U);
  EXPECT_EQ(known_file("concurrencyremote").fallback_number, 20U);
  EXPECT_EQ(known_file("queuelifetime").fallback_number, 604800U);
  EXPECT_EQ(known_file("timeoutconnect").fallback_number, 60U);
  EXPECT_EQ(known_file("timeoutremote").fallback_number, 1200U);
  EXPECT_EQ(known_file("timeoutsmtpd").fallback_number, 1200U);
  EXPECT_EQ(known_file("databytes").fallback_number, 0U);
  EXPECT_EQ(known_file("maxrcpt").fallback_number, 10'000U);
  EXPECT_EQ(known_file("bouncefrom").fallback, "MAILER-DAEMON");
  EXPECT_EQ(known_file("doublebounceto").fallback, "postmaster");
}

// A number must have a fixed default, so that ControlFiles::number() compiles for it, or a
// default that depends on other files.
TEST(Known, KindsAndFallbacksFitTogether) {
  for (const KnownFile& file : kKnownFiles) {
    const bool is_number = file.kind == Kind::number;
    EXPECT_EQ(is_number, file.fallback_kind == Fallback::derived ||
                             (is_number && file.fallback_kind == Fallback::fixed))
        << file.name;
    EXPECT_TRUE(file.fallback_number == 0 || is_number) << file.name;
    EXPECT_TRUE(file.fallback.empty() || file.kind == Kind::line) << file.name;
  }
}

TEST(Known, Paths) {
  for (const KnownFile& file : kKnownFiles) {
    EXPECT_LT(file.name.size() + 9, internal::kPathMax) << file.name;
  }
  EXPECT_STREQ(path("morercpthosts.cdb"), "control/morercpthosts.cdb");
  EXPECT_STREQ(path("badmailfrom"), "control/badmailfrom");
}

TEST(Derived, Limits) {
  EXPECT_EQ(spawn_places(7), 7U);
  EXPECT_EQ(spawn_places(100'000), config::kSpawnLimit);
  EXPECT_EQ(default_local_user_limit(3), 0U);
  EXPECT_EQ(default_local_user_limit(4), 2U);
  EXPECT_EQ(default_local_user_limit(10), 8U);
  EXPECT_EQ(default_remote_address_limit(20), 10U);
  EXPECT_EQ(default_remote_address_limit(1), 1U);
  EXPECT_EQ(default_remote_address_limit(0), 1U);
}

TEST(Known, NoNameTwiceAndNoneBothKnownAndForeign) {
  std::set<std::string> names;
  for (const KnownFile& file : kKnownFiles) {
    EXPECT_TRUE(names.insert(std::string(file.name)).second) << file.name;
    EXPECT_FALSE(file.readers.empty()) << file.name;
  }
  for (const legacy::ControlVerdict& file : legacy::kControlVerdicts) {
    EXPECT_TRUE(names.insert(std::string(file.name)).second) << file.name;
  }
}

}  // namespace
}  // namespace reqmail::control
