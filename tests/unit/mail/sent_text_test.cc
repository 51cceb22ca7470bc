#include "mail/sent_text.h"

#include <gtest/gtest.h>

#include <string>

namespace reqmail::mail {
namespace {

std::string converted(std::string_view text, std::size_t piece) {
  SentText sent;
  std::string out;
  for (std::size_t at = 0; at < text.size(); at += piece) {
    out += sent.next(text.substr(at, piece));
  }
  out += sent.finish();
  return out;
}

TEST(SentText, IsWhatThePeerGets) {
  constexpr std::string_view kText("a\r\nb\rc\r\r\n\0d\n\n\r\n.\xc3\xbc\r", 19);
  for (std::size_t piece = 1; piece <= kText.size(); ++piece) {
    EXPECT_EQ(converted(kText, piece), "a\nb c \n d\n\n\n.\xc3\xbc ") << piece;
  }
}

TEST(SentText, PlainPiecesStay) {
  SentText sent;
  constexpr std::string_view kPiece = "plain\n";
  EXPECT_EQ(sent.next(kPiece).data(), kPiece.data());
  EXPECT_EQ(sent.next("x\r"), "x");
  EXPECT_EQ(sent.next("\nplain"), "\nplain");
  EXPECT_EQ(sent.finish(), "");
}

}  // namespace
}  // namespace reqmail::mail
