// What a terminal gets of bytes from outside.
#include "base/terminal_text.h"

#include <gtest/gtest.h>

namespace reqmail::base {
namespace {

TEST(TerminalSafe, LeavesPrintableCharactersOnly) {
  EXPECT_EQ(terminal_safe("a~ \x1b[1m\x7f\xe9\t\n", '/'), "a~ /[1m////");
  EXPECT_EQ(terminal_safe(std::string_view("\0\x9b\x1f!", 4), '?'),
            "??"
            "?!");
  EXPECT_EQ(terminal_safe("", '?'), "");
}

}  // namespace
}  // namespace reqmail::base
