// The splitting and quoting of addresses.
#include "mail/address.h"

#include <gtest/gtest.h>

namespace reqmail::mail {
namespace {

TEST(Address, SplitsAtTheLastAt) {
  const AddressParts parts = split_address("a@b@c.d");
  EXPECT_EQ(parts.local, "a@b");
  EXPECT_EQ(parts.domain, "c.d");
  EXPECT_TRUE(parts.has_domain);
  EXPECT_FALSE(split_address("bob").has_domain);
  EXPECT_EQ(split_address("bob").local, "bob");
  EXPECT_TRUE(split_address("bob@").has_domain);
}

TEST(Address, ControlCharacters) {
  for (const std::string_view address : {"", "a b@c", "\xe4\x80@\xff", "~@!"}) {
    EXPECT_FALSE(has_control_character(address)) << address;
  }
  for (const std::string_view address :
       {std::string_view("a\0", 2), std::string_view("\r"), std::string_view("a\x1f@b"),
        std::string_view("a@b\x7f"), std::string_view("\tx")}) {
    EXPECT_TRUE(has_control_character(address)) << address;
  }
}

TEST(Address, QuotesWhatIsNoDotAtom) {
  EXPECT_EQ(quote_local_part("a.b+c-d=e"), "a.b+c-d=e");
  EXPECT_EQ(quote_local_part(""), "\"\"");
  EXPECT_EQ(quote_local_part(".a"), "\".a\"");
  EXPECT_EQ(quote_local_part("a."), "\"a.\"");
  EXPECT_EQ(quote_local_part("a..b"), "\"a..b\"");
  EXPECT_EQ(quote_local_part("a b"), "\"a b\"");
  EXPECT_EQ(quote_local_part("a\"\\\r\nb"), "\"a\\\"\\\\\\\r\\\nb\"");
  EXPECT_EQ(quote_local_part("\xe4"), "\"\xe4\"");
}

TEST(Address, QuotesOnlyTheLocalPart) {
  EXPECT_EQ(quote_address(""), "");
  EXPECT_EQ(quote_address("a b"), "\"a b\"");
  EXPECT_EQ(quote_address("a@b@c d"), "\"a@b\"@c d");
  EXPECT_EQ(quote_address("@[]"), "\"\"@[]");
}

}  // namespace
}  // namespace reqmail::mail
