// Untrusted bytes that are printed on a terminal.
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

TEST(PeerText, IsCutAndMasked) {
  EXPECT_EQ(peer_text("a b~\n\x7f\xe9"), "a b~???");
  EXPECT_EQ(peer_text(std::string(600, 'x')), std::string(500, 'x'));
}

}  // namespace
}  // namespace reqmail::base
