#include "remote/leaving.h"

#include <gtest/gtest.h>

#include <string>

namespace reqmail::remote {
namespace {

Delivery to_b(const std::string& sender) {
  return {.host = "b.example", .sender = sender, .recipients = {"x@b.example"}};
}

TEST(Leaving, WithNothingConfiguredItIsTheDelivery) {
  const auto leaving = leave(to_b("s@a.example"), {});
  ASSERT_TRUE(leaving);
  EXPECT_EQ(leaving->delivery.host, "b.example");
  EXPECT_EQ(leaving->sender, "s@a.example");
  EXPECT_EQ(leaving->mail_from, "s@a.example");
  EXPECT_FALSE(leaving->from.v4);
  EXPECT_FALSE(leaving->from.v6);
}

TEST(Leaving, TheSenderChoosesTheSource) {
  DeliverySettings settings;
  settings.addresses.sources = SourceRules{{"a.example:192.0.2.7"}, {"192.0.2.1"}};
  EXPECT_EQ(leave(to_b("s@a.example"), settings)->from.v4->text(), "192.0.2.7");
  EXPECT_EQ(leave(to_b("s@c.example"), settings)->from.v4->text(), "192.0.2.1");
  settings.addresses.sources = SourceRules{{"a.example:nonsense"}, {}};
  const auto bad = leave(to_b("s@a.example"), settings);
  ASSERT_FALSE(bad);
  EXPECT_EQ(bad.error().permanence, Permanence::temporary);
}

TEST(Leaving, AnAddressThatNoCommandCanHoldIsAnImproperCall) {
  const auto bad = leave(to_b("s\n@a.example"), {});
  ASSERT_FALSE(bad);
  EXPECT_EQ(bad.error().text, invoked_improperly().text);
  EXPECT_EQ(bad.error().permanence, Permanence::permanent);
}

}  // namespace
}  // namespace reqmail::remote
