#include "mail/unicode_xtext.h"

#include <gtest/gtest.h>

namespace reqmail::mail {
namespace {

TEST(UnicodeXtext, CharactersAreEmbedded) {
  EXPECT_EQ(unicode_xtext("a@b.example"), "a@b.example");
  EXPECT_EQ(unicode_xtext("j\u00f6rg@\u20ac.example"), "j\\x{F6}rg@\\x{20AC}.example");
  EXPECT_EQ(unicode_xtext("\U0001f600\u0080"), "\\x{1F600}\\x{80}");
  EXPECT_EQ(unicode_xtext("a+b=c\\d e\n\x7f"),
            "a\\x{2B}b\\x{3D}c\\x{5C}d\\x{20}e\\x{0A}\\x{7F}");
  EXPECT_EQ(unicode_xtext(std::string_view("\0", 1)), "\\x{00}");
  EXPECT_EQ(unicode_xtext(""), "");
}

TEST(UnicodeXtext, OrOnlyThoseOutsideAscii) {
  EXPECT_EQ(without_raw_unicode("utf-8;j\u00f6\\x{F6}+2B=@x"), "utf-8;j\\x{F6}\\x{F6}+2B=@x");
}

// A text that is cut, against the promise, is only shown wrong.
TEST(UnicodeXtext, ACutCharacter) {
  EXPECT_EQ(unicode_xtext("a\xe2\x82"), "a\\x{82}");
}

}  // namespace
}  // namespace reqmail::mail
