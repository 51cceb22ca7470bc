#include "base/bad_line.h"

#include <gtest/gtest.h>

namespace reqmail::base {
namespace {

TEST(BadLine, IsNamedWithFileAndReason) {
  EXPECT_EQ(bad_line_message("control/x", {"a(b", "no end"}),
            "control/x: bad line: a(b (no end)");
  EXPECT_EQ(bad_line_message("control/x\n", {"\x1b[2J\xff", "why\r"}),
            "control/x?: bad line: ?[2J? (why?)");
  EXPECT_EQ(bad_line_message("f", {std::string(501, 'x'), "long"}),
            "f: bad line: " + std::string(500, 'x') + " (long)");
}

}  // namespace
}  // namespace reqmail::base
