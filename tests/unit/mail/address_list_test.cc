// Address lists: the addresses that are found, their order, and the printed list.
#include "mail/address_list.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace reqmail::mail {
namespace {

struct Walked {
  bool accepted = false;
  std::string printed;
  std::vector<std::string> addresses;
};

Walked walk(std::string_view text) {
  Walked walked;
  auto tokens = tokenize(text);
  EXPECT_TRUE(tokens) << text;
  walked.accepted = rewrite_addresses(*tokens, [&walked](std::vector<Token>& address) {
    walked.addresses.push_back(plain_text(address));
    return true;
  });
  if (walked.accepted) {
    walked.printed = print_field("To", *tokens);
    walked.printed.pop_back();
  }
  return walked;
}

void expect(std::string_view text, std::string_view printed,
            const std::vector<std::string>& addresses) {
  const Walked walked = walk(text);
  EXPECT_TRUE(walked.accepted) << text;
  EXPECT_EQ(walked.printed, printed) << text;
  EXPECT_EQ(walked.addresses, addresses) << text;
}

TEST(AddressList, GoesFromRightToLeft) {
  expect("a@b, c@d", "To: a@b, c@d", {"c@d", "a@b"});
  expect("", "To:", {});
  expect(",,", "To: , ,", {});
}

TEST(AddressList, WordsSideBySideAreAddressesOfTheirOwn) {
  expect("bob carol@a.b dave", "To: bob, carol@a.b, dave", {"dave", "carol@a.b", "bob"});
  expect("\"x y\"z@a", "To: \"x y\", z@a", {"z@a", "x y"});
  expect("<a@b> Bob Smith", "To: <a@b>, Bob, Smith", {"Smith", "Bob", "a@b"});
}

TEST(AddressList, CommentsOfABareAddressGoBehindIt) {
  expect("carol (the other) @ b . c", "To: carol@b.c (the other)", {"carol@b.c"});
  expect("(zero) bob (one) @a (two)", "To: bob@a (zero) (one) (two)", {"bob@a"});
  expect("(only)", "To: (only)", {});
}

TEST(AddressList, AngleBracketsHaveAPhrase) {
  expect("Bob Q. \"S\" x@y (c) <a@b>", "To: Bob Q.\"S\" x@y (c) <a@b>", {"a@b"});
  expect("Bob <a@b> Carol <c@d>", "To: Bob <a@b>Carol <c@d>", {"c@d", "a@b"});
  expect("<>", "To: <>", {""});
  expect("<@x,@y:a@b>", "To: <@x, @y: a@b>", {"@x,@y:a@b"});
  expect("<bob (x) @a>", "To: <bob (x)@a>", {"bob@a"});
}

TEST(AddressList, EverythingBetweenAngleBracketsIsTheAddress) {
  expect("<(x)>", "To: <(x)>", {""});
  expect("<a, b: c; (d) \"e\" [f] . @>", "To: <a, b: c;(d) \"e\" [f].@>", {"a,b:c;e[f].@"});
  expect("Joe <joe@a>>", "To: Joe <joe@a>>", {"joe@a>"});
  expect("<a>b>", "To: <a>b>", {"a>b"});
  expect("<>>>", "To: <>>>", {">>"});
  expect("a <b>, c> d", "To: a <b>, c>, d", {"d", "b>,c"});
}

TEST(AddressList, APhraseIsOverAtAnyOtherToken) {
  expect("[Company] Support <s@a>", "To: [Company] Support <s@a>", {"s@a", "[Company]"});
  expect("x [y] z <a@b>", "To: x, [y] z <a@b>", {"a@b", "[y]", "x"});
  expect("x@[y] z <a@b>", "To: x@[y] z <a@b>", {"a@b", "x@[y]"});
  expect("Joe <<joe@a>>", "To: Joe < <joe@a>>", {"joe@a>", "Joe<"});
  expect("Joe <Joe Doe <joe@a>>", "To: Joe <Joe Doe <joe@a>>", {"joe@a>", "Joe<"});
  expect("< Bob <a@b>", "To: <Bob <a@b>", {"a@b", "<"});
  expect("x < (c) <a@b>", "To: x <(c) <a@b>", {"a@b", "x<"});
  expect("[x] (c) [y] <a@b>", "To: [x], [y] (c) <a@b>", {"a@b", "[y]", "[x]"});
  expect("a [x] <b>, c", "To: a, [x] <b>, c", {"c", "b", "[x]", "a"});
}

TEST(AddressList, Groups) {
  expect("g h: a@b, <c@d>;, e", "To: g h: a@b, <c@d>;, e", {"e", "c@d", "a@b"});
  expect("nobody: ;", "To: nobody: ;", {});
  expect("g: a;b", "To: g: a;, b", {"b", "a"});
  expect("bob;", "To: bob;", {"bob"});
  expect("g: a;, h: b;", "To: g: a;, h: b;", {"b", "a"});
  expect("bob@[192.0.2.1];", "To: bob@[192.0.2.1];", {"bob@[192.0.2.1]"});
}

TEST(AddressList, WhatNamesAGroupIsNotRead) {
  expect("[x]: a@b.c;", "To: [x]: a@b.c;", {"a@b.c"});
  expect("g: h: a;", "To: g: h: a;", {"a"});
  expect("<x> \"y\" . (z) >< @ : a;", "To: <x>\"y\".(z)> <@: a;", {"a"});
  expect("x: <a@b>; y: <c@d>;", "To: x: <a@b>;y: <c@d>;", {"c@d"});
  expect("e, x: <a@b>; y: <c@d>;", "To: e, x: <a@b>;y: <c@d>;", {"c@d", "e"});
  expect("a, b: c, d;", "To: a, b: c, d;", {"d", "c", "a"});
  expect("x: <a@b> y: c;", "To: x: <a@b>y: c;", {"c"});
}

TEST(AddressList, AnUnclosedAngleIsPartOfTheAddress) {
  expect("<bob", "To: <bob", {"<bob"});
  expect("a <b", "To: a <b", {"a<b"});
  expect("a < b c", "To: a <b, c", {"c", "a<b"});
  expect("<", "To: <", {"<"});
}

TEST(AddressList, RefusesWhatHasNoReading) {
  for (const char* text : {"a:b", "@x:a@b", "g: h: a;;", "undisclosed:", "a; b;", "a;;", "bob>",
                           "bob>, <c@d>, e: f;;", "a, b: c, d: e;", ">", "a@b> <", "(x) a>"}) {
    EXPECT_FALSE(walk(text).accepted) << text;
  }
}

TEST(AddressList, TheRewriterChangesAndRefuses) {
  auto tokens = *tokenize("a (c), <b>");
  EXPECT_TRUE(rewrite_addresses(tokens, [](std::vector<Token>& address) {
    address.push_back(Token{Token::Kind::at, {}});
    address.push_back(Token{Token::Kind::atom, "h"});
    return true;
  }));
  EXPECT_EQ(print_field("To", tokens), "To: a@h (c), <b@h>\n");
  EXPECT_FALSE(rewrite_addresses(
      tokens, [](std::vector<Token>& address) { return address.front().text != "a"; }));
}

}  // namespace
}  // namespace reqmail::mail
