#include "legacy/severity.h"

#include <gtest/gtest.h>

namespace reqmail::legacy {
namespace {

TEST(Severity, HasANameForScripts) {
  EXPECT_EQ(severity_name(Severity::harmless), "harmless");
  EXPECT_EQ(severity_name(Severity::note), "note");
  EXPECT_EQ(severity_name(Severity::loss), "loss");
  EXPECT_EQ(severity_name(Severity::stop), "stop");
}

}  // namespace
}  // namespace reqmail::legacy
