// Messages with CR LF line ends.
#include "mail/line_ends.h"

#include <gtest/gtest.h>

#include <string>

namespace reqmail::mail {
namespace {

TEST(LineEnds, TheFirstLineSays) {
  EXPECT_TRUE(has_crlf_line_ends("To: a\r\n", true));
  EXPECT_TRUE(has_crlf_line_ends("\r\nbody\r\n", true));
  EXPECT_TRUE(has_crlf_line_ends("To: a\r\nX: b\n\r\nc\r\n", true));
  EXPECT_TRUE(has_crlf_line_ends("To: a\r\n\r\nno end", true));
  EXPECT_FALSE(has_crlf_line_ends("", true));
  EXPECT_FALSE(has_crlf_line_ends("To: a", true));
  EXPECT_FALSE(has_crlf_line_ends("To: a\r", false));
  EXPECT_FALSE(has_crlf_line_ends("\nTo: a\r\n", true));
  EXPECT_FALSE(has_crlf_line_ends("To: a\nX: b\r\n", false));
}

TEST(LineEnds, AMessageThatEndsInALoneLineFeedHasBoth) {
  EXPECT_FALSE(has_crlf_line_ends("To: a\r\n\r\nhi\n", true));
  EXPECT_TRUE(has_crlf_line_ends("To: a\r\n\r\nhi\n", false));
}

std::string removed(std::string_view text, std::size_t step) {
  CrlfRemover remover;
  std::string out;
  for (std::size_t i = 0; i < text.size(); i += step) {
    out.append(remover.next(text.substr(i, step)));
  }
  return out.append(remover.finish());
}

TEST(LineEnds, CrGoesInFrontOfLfAlone) {
  const std::string_view text = "a\r\nb\r\rc\r\r\n\n\r\n\rd\r";
  for (std::size_t step = 1; step <= text.size(); ++step) {
    EXPECT_EQ(removed(text, step), "a\nb\r\rc\r\n\n\n\rd\r") << step;
  }
  EXPECT_EQ(removed("", 1), "");
}

}  // namespace
}  // namespace reqmail::mail
