// U-labels and A-labels.
#include "mail/idna.h"

#include <gtest/gtest.h>

#include <string>

#include "mail/idna_conversion.h"
#include "tests/unit/support/with_libidn2.h"

namespace reqmail::mail {
namespace {

TEST(Idna, AsciiStays) {
  for (const char* name :
       {"", ".", "Example.ORG", "xn--bcher-kva.example", "[192.0.2.1]", "a b"}) {
    EXPECT_EQ(to_a_labels(name), name);
  }
}

TEST(Idna, ULabelsBecomeALabels) {
  if (!can_convert_u_labels()) {
    EXPECT_EQ(to_a_labels("b\u00fccher.example"), std::nullopt);
    return;
  }
  EXPECT_EQ(to_a_labels("b\u00fccher.example"), "xn--bcher-kva.example");
  EXPECT_EQ(to_a_labels("B\u00dcCHER.Example"), "xn--bcher-kva.example");
  // Decomposed: NFC makes one character of it.
  EXPECT_EQ(to_a_labels("bu\u0308cher.example"), "xn--bcher-kva.example");
  EXPECT_EQ(to_a_labels("stra\u00dfe.de"), "xn--strae-oqa.de");
  EXPECT_EQ(to_a_labels("\u65e5\u672c\u8a9e\u3002jp"), "xn--wgv71a119e.jp");
  EXPECT_EQ(to_a_labels("mail.b\u00fccher.example."), "mail.xn--bcher-kva.example.");
}

TEST(Idna, WhatIsNotPermittedIsNotConverted) {
  EXPECT_EQ(to_a_labels("b\u00fc\xff.example"), std::nullopt);
  EXPECT_EQ(to_a_labels(std::string("b\u00fc\0.example", 13)), std::nullopt);
  EXPECT_EQ(to_a_labels("b\u00fc\u2028x.example"), std::nullopt);
  EXPECT_EQ(to_a_labels(std::string(63, 'a') + "\u00fc.example"), std::nullopt);
  EXPECT_EQ(to_a_labels(std::string(kUnicodeDomainMax, 'a') + "\u00fc"), std::nullopt);
}

TEST(Idna, TheDomainOfAnAddressIsConverted) {
  EXPECT_EQ(address_in_a_labels("bob@Example.ORG"), "bob@Example.ORG");
  EXPECT_EQ(address_in_a_labels("j\u00f6rg"), "j\u00f6rg");
  EXPECT_EQ(address_in_a_labels("j\u00f6rg@[192.0.2.1]"), "j\u00f6rg@[192.0.2.1]");
  EXPECT_EQ(address_in_a_labels("bob@b\u00fc\u2028.example"), std::nullopt);
  if (can_convert_u_labels()) {
    EXPECT_EQ(address_in_a_labels("j\u00f6@rg@b\u00fccher.example"),
              "j\u00f6@rg@xn--bcher-kva.example");
  }
}

TEST(Idna, TheKeyOfALineIsConverted) {
  for (const char* line :
       {"", "example.org", ":relay", "@", "!@.", "b\u00fc\u2028.example:x"}) {
    EXPECT_EQ(line_in_a_labels(line), line);
  }
  if (can_convert_u_labels()) {
    EXPECT_EQ(line_in_a_labels("b\u00fccher.example"), "xn--bcher-kva.example");
    EXPECT_EQ(line_in_a_labels(".b\u00fccher.example:b\u00fc-x"),
              ".xn--bcher-kva.example:b\u00fc-x");
    EXPECT_EQ(line_in_a_labels("-@b\u00fccher.example"), "-@xn--bcher-kva.example");
    EXPECT_EQ(line_in_a_labels("j\u00f6rg@b\u00fccher.example"),
              "j\u00f6rg@xn--bcher-kva.example");
    EXPECT_EQ(line_in_a_labels("!b\u00fccher.example"), "!xn--bcher-kva.example");
    EXPECT_EQ(line_in_a_labels("b\u00fccher.example|bin/b\u00fc x"),
              "xn--bcher-kva.example|bin/b\u00fc x");
  }
}

TEST(Idna, LinesWaitForWhoeverConverts) {
  const std::vector<std::string> lines = {"a.example", "b\u00fccher.example:x", "b\u2028:x"};
  convert_u_labels_by([](const std::string&) -> Result<std::string> { return temporary({}); });
  EXPECT_FALSE(find_lines_in_a_labels(lines));
  EXPECT_EQ(lines_in_a_labels(lines), lines);
  EXPECT_TRUE(find_lines_in_a_labels({"a.example"}));
  convert_u_labels_by([](const std::string&) -> Result<std::string> { return permanent({}); });
  EXPECT_EQ(*find_lines_in_a_labels(lines), lines);
  convert_u_labels_by(convert_by_libidn2);
}

TEST(Idna, OnlyShortestFormsAreUtf8) {
  for (const char* text : {"", "abc", "\u00e9", "\u0800", "\uD7FF", "\ue000", "\uffff",
                           "\U00010000", "\U0010ffff"}) {
    EXPECT_TRUE(is_utf8(text)) << text;
  }
  for (const char* text : {"\x80", "\xc3", "\xc0\x80", "\xc1\xbf", "\xe0\x9f\xbf",
                           "\xed\xa0\x80", "\xf0\x8f\xbf\xbf", "\xf4\x90\x80\x80",
                           "\xf5\x80\x80\x80", "\xe2\x82", "\xc3(", "\xe2\x82(", "\xff"}) {
    EXPECT_FALSE(is_utf8(text)) << text;
  }
}

TEST(Idna, AsciiHasNoHighBit) {
  EXPECT_TRUE(is_ascii(std::string("\0\x7f", 2)));
  EXPECT_FALSE(is_ascii("a\x80"));
}

}  // namespace
}  // namespace reqmail::mail
