// Address lists: the addresses found, their order, and the list printed again.
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
  expect("<bob (x) @a>", "To: <bob@a (x)>", {"bob@a"});
}

TEST(AddressList, Groups) {
  expect("g h: a@b, <c@d>;, e", "To: g h: a@b, <c@d>;, e", {"e", "c@d", "a@b"});
  expect("nobody: ;", "To: nobody: ;", {});
  expect("g: a;b", "To: g: a;, b", {"b", "a"});
  expect("bob;", "To: bob;", {"bob"});
  expect("g: a;, h: b;", "To: g: a;, h: b;", {"b", "a"});
}

TEST(AddressList, LiteralsBelongToAddressesOnly) {
  expect("bob@[192.0.2.1]", "To: bob@[192.0.2.1]", {"bob@[192.0.2.1]"});
  EXPECT_FALSE(walk("[x] <a@b>").accepted);
}

TEST(AddressList, AnUnclosedAngleIsPartOfTheAddress) {
  expect("<bob", "To: <bob", {"<bob"});
}

TEST(AddressList, RefusesWhatHasNoReading) {
  for (const char* text : {"a:b", "@x:a@b", "g: h: a;;", "g: h: a;", "undisclosed:", "a; b;",
                           "bob>", "<a>b>", "< Bob <a@b>", ">"}) {
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
