#include "survey/child_output.h"

#include <gtest/gtest.h>

#include "survey/host_tools.h"

namespace reqmail::survey {
namespace {

TEST(ChildOutput, IsWhatAProgramPrints) {
  EXPECT_EQ(child_output("/bin/sh", {"sh", "-c", "echo one; echo two"}), "one\ntwo\n");
  EXPECT_FALSE(child_output("/bin/sh", {"sh", "-c", "echo one; exit 1"}));
  EXPECT_FALSE(child_output("/no/such/program", {"program"}));
}

TEST(ChildOutput, ASilentProgramIsEnded) {
  EXPECT_FALSE(child_output("/bin/sleep", {"sleep", "600"}, base::Seconds(1)));
}

TEST(HostTools, AreFoundInPath) {
  EXPECT_EQ(run_tool({"echo", "x"}), "x\n");
  EXPECT_FALSE(run_tool({"false"}));
  EXPECT_FALSE(run_tool({"no-such-tool-of-a-host"}));
}

}  // namespace
}  // namespace reqmail::survey
