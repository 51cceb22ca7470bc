// Completion of addresses.
#include "mail/address_defaults.h"

#include <gtest/gtest.h>

#include <string>

namespace reqmail::mail {
namespace {

AddressDefaults defaults() {
  return *AddressDefaults::parse("host.example", "dom.example", "plus.example");
}

std::string completed(std::string_view text) {
  auto tokens = *tokenize(text);
  defaults().complete(tokens);
  return plain_text(tokens);
}

TEST(AddressDefaults, CompleteInTheOrderOfTheManual) {
  EXPECT_EQ(completed(""), "");
  EXPECT_EQ(completed("x@[]"), "x@[]");
  EXPECT_EQ(completed("bob"), "bob@host.example");
  EXPECT_EQ(completed("a.b"), "a.b@host.example");
  EXPECT_EQ(completed("bob+"), "bob+@host.example");
  EXPECT_EQ(completed("bob@mail"), "bob@mail.dom.example");
  EXPECT_EQ(completed("a.b@mail"), "a.b@mail.dom.example");
  EXPECT_EQ(completed("bob@mail+"), "bob@mail.plus.example");
  EXPECT_EQ(completed("bob@x.mail+"), "bob@x.mail.plus.example");
  EXPECT_EQ(completed("bob@a.b"), "bob@a.b");
  EXPECT_EQ(completed("bob@[192.0.2.1]"), "bob@[192.0.2.1]");
  EXPECT_EQ(completed("bob@a.b."), "bob@a.b");
  EXPECT_EQ(completed("bob@mail."), "bob@mail.dom.example");
  EXPECT_EQ(completed("bob@"), "bob@host.example");
  EXPECT_EQ(completed("bob@."), "bob@host.example");
  EXPECT_EQ(completed("bob@@a.b"), "bob@@a.b");
  EXPECT_EQ(completed("@x,@y:bob@a.b"), "bob@a.b");
  EXPECT_EQ(completed("@x:bob"), "bob@host.example");
}

TEST(AddressDefaults, AnAddressOfWhichNothingIsLeftIsTheEmptyOne) {
  for (const char* text : {"@", ".", "@.", "@@", "@x", "@a.b", "@a.b,@c",
                           "@x:", "@a.b,@c:", "@[]x", "@x:.", "@x:@", "@x (c)"}) {
    EXPECT_EQ(completed(text), "") << text;
  }
  EXPECT_EQ(completed("@x:@y"), "@y.dom.example");
  EXPECT_EQ(completed(".@"), ".@host.example");
  EXPECT_EQ(completed(".."), ".@host.example");
  EXPECT_EQ(completed("<"), "<@host.example");
}

TEST(AddressDefaults, ACommentCountsAsAnyOtherToken) {
  EXPECT_EQ(completed("(x)"), "@host.example");
  EXPECT_EQ(completed("bob (x)"), "bob@host.example");
  EXPECT_EQ(completed("bob@a.b. (x)"), "bob@a.b.");
  EXPECT_EQ(completed("bob@ (x)"), "bob@.dom.example");
  EXPECT_EQ(completed("bob@mail+ (x)"), "bob@mail+.dom.example");
  EXPECT_EQ(completed("(x) @y:bob"), "@y:bob.dom.example");
}

TEST(AddressDefaults, ArgumentsAreUnquotedButForTheirHost) {
  const AddressDefaults known = defaults();
  EXPECT_EQ(known.from_argument(""), "");
  EXPECT_EQ(known.from_argument("<>"), "<>@host.example");
  EXPECT_EQ(known.from_argument("\"bob\"@a.b"), "\"bob\"@a.b");
  EXPECT_EQ(known.from_argument(".b\\o b..@a.b (x).c."), ".b\\o b..@a.b.c");
  EXPECT_EQ(known.from_argument("bob@a.b. (x)"), "bob@a.b.");
  EXPECT_EQ(known.from_argument("bob@a\\.b\\+"), "bob@a.b.plus.example");
  EXPECT_EQ(known.from_argument("x@y@mail+"), "x@y@mail.plus.example");
  EXPECT_EQ(known.from_argument("#@[]"), "#@[]");
  EXPECT_EQ(known.from_argument("@[]"), "@[]");
  EXPECT_EQ(known.from_argument("@x:y"), "@x:y.dom.example");
  EXPECT_EQ(known.from_argument("bob@(a"), std::nullopt);
  EXPECT_EQ(known.from_argument("bob@a\"b"), std::nullopt);
}

TEST(AddressDefaults, EmptyDefaultsStillEndInTheirSign) {
  const auto known = AddressDefaults::parse("h", "", "");
  ASSERT_TRUE(known);
  EXPECT_EQ(known->from_argument("bob@mail"), "bob@mail.");
  EXPECT_EQ(known->from_argument("bob"), "bob@h.");
}

TEST(AddressDefaults, ADefaultHostKeepsItsLastDot) {
  const auto known = AddressDefaults::parse("h.", "d.example", "p");
  ASSERT_TRUE(known);
  EXPECT_EQ(known->from_argument("bob"), "bob@h.");
  EXPECT_EQ(known->from_argument("bob@h."), "bob@h.d.example");
}

TEST(AddressDefaults, ADefaultHostMayItselfEndInPlus) {
  const auto known = AddressDefaults::parse("h+", "d", "p.q");
  ASSERT_TRUE(known);
  EXPECT_EQ(known->from_argument("bob"), "bob@h.p.q");
}

TEST(AddressDefaults, UnreadableOnesAreQuoted) {
  const auto bad_plus = AddressDefaults::parse("h", "d", "d\"x");
  ASSERT_FALSE(bad_plus);
  EXPECT_EQ(bad_plus.error().text, ".d\"x");
  EXPECT_EQ(bad_plus.error().permanence, Permanence::permanent);
  EXPECT_EQ(AddressDefaults::parse("(h", "d", "p").error().text, "@(h");
  EXPECT_EQ(AddressDefaults::parse("h", "[d", "p").error().text, ".[d");
}

}  // namespace
}  // namespace reqmail::mail
