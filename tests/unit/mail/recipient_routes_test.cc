#include "mail/recipient_routes.h"

#include <gtest/gtest.h>

#include "mail/idna.h"
#include "mail/idna_conversion.h"
#include "tests/unit/support/with_libidn2.h"

namespace reqmail::mail {
namespace {

TEST(RecipientRoutes, SaysWhatIsLocalAndToWhomItGoes) {
  RecipientRoutes routes(
      {.envnoathost = "me.example",
       .percenthack = {"p.example"},
       .locals = {"me.example"},
       .virtualdomains = {"v.example:alice-v", ".v.example:wild", "off.v.example:"}});
  const auto routed = [&routes](std::string_view address) {
    const RecipientRoute route = routes.route(address);
    return (route.local ? "local " : "remote ") + route.recipient;
  };
  EXPECT_EQ(routed("box"), "local box@me.example");
  EXPECT_EQ(routed("box%me.example@p.example"), "local box@me.example");
  EXPECT_EQ(routed("u@V.example"), "local alice-v-u@V.example");
  EXPECT_EQ(routed("u@a.v.example"), "local wild-u@a.v.example");
  EXPECT_EQ(routed("u@off.v.example"), "remote u@off.v.example");
  EXPECT_EQ(routed("u@far.example"), "remote u@far.example");
  EXPECT_EQ(routes.virtual_domain("v.example"), "alice-v");
  routes.replace({}, {}, false);
  EXPECT_EQ(routed("u@V.example"), "remote u@V.example");
  EXPECT_EQ(routed("box%other.example@p.example"), "remote box@other.example");
}

TEST(RecipientRoutes, ALabelsCanBeTurnedOnLater) {
  if (!can_convert_u_labels()) {
    return;
  }
  RecipientRoutes routes({.envnoathost = "me.example",
                          .percenthack = {"p\u00fc.example"},
                          .locals = {},
                          .virtualdomains = {}});
  const std::string through = "u%b\u00fccher.example@xn--p-eha.example";
  EXPECT_FALSE(routes.route(through).local);
  routes.replace({"xn--bcher-kva.example"}, {}, true);
  EXPECT_TRUE(routes.route(through).local);
  routes.replace({"xn--bcher-kva.example"}, {}, false);
  EXPECT_FALSE(routes.route("u@b\u00fccher.example").local);
}

TEST(RecipientRoutes, ComparesDomainsAsALabelsIfTold) {
  const auto routed = [](bool utf8, std::string_view address) {
    const RecipientRoutes routes(
        {.envnoathost = "me.example",
         .percenthack = {"p\u00fc.example"},
         .locals = {"b\u00fccher.example", "xn--strae-oqa.de"},
         .virtualdomains = {"v\u00fc.example:vu", ".v\u00fc.example:below",
                            "off.v\u00fc.example:"},
         .utf8 = utf8});
    const RecipientRoute route = routes.route(address);
    return (route.local ? "local " : "remote ") + route.recipient;
  };
  // Without it the bytes count.
  EXPECT_EQ(routed(false, "u@b\u00fccher.example"), "local u@b\u00fccher.example");
  EXPECT_EQ(routed(false, "u@xn--bcher-kva.example"), "remote u@xn--bcher-kva.example");
  EXPECT_EQ(routed(false, "u@stra\u00dfe.de"), "remote u@stra\u00dfe.de");
  if (!can_convert_u_labels()) {
    return;
  }
  EXPECT_EQ(routed(true, "u@B\u00dcCHER.example"), "local u@B\u00dcCHER.example");
  EXPECT_EQ(routed(true, "u@xn--bcher-kva.example"), "local u@xn--bcher-kva.example");
  EXPECT_EQ(routed(true, "u@stra\u00dfe.de"), "local u@stra\u00dfe.de");
  EXPECT_EQ(routed(true, "u:1@V\u00dc.example"), "local vu-u:1@V\u00dc.example");
  EXPECT_EQ(routed(true, "u@xn--v-eha.example"), "local vu-u@xn--v-eha.example");
  EXPECT_EQ(routed(true, "u@a.v\u00fc.example"), "local below-u@a.v\u00fc.example");
  EXPECT_EQ(routed(true, "u%b\u00fccher.example@p\u00fc.example"),
            "local u@b\u00fccher.example");
  // A domain that cannot be converted is remote, where the delivery fails.
  EXPECT_EQ(routed(true, "u@\u2028.example"), "remote u@\u2028.example");
}

Result<std::string> no_answer(const std::string& /*domain*/) {
  return temporary({});
}

Result<std::string> as_ascii(const std::string& domain) {
  return domain == "b\u00fccher.example" ? Result<std::string>("xn--bcher-kva.example")
                                         : permanent({});
}

TEST(RecipientRoutes, WhatNobodyConvertsIsUnsure) {
  convert_u_labels_by(as_ascii);
  const RecipientRoutes routes({.envnoathost = "me.example",
                                .percenthack = {"me.example"},
                                .locals = {"b\u00fccher.example"},
                                .virtualdomains = {":all"},
                                .utf8 = true});
  EXPECT_TRUE(routes.route("u@b\u00fccher.example").local);
  convert_u_labels_by(no_answer);
  for (const char* const address :
       {"u@b\u00fccher.example", "u@o\u00e9.example", "u%b\u00fccher.example@me.example"}) {
    EXPECT_TRUE(routes.route(address).unsure) << address;
    EXPECT_FALSE(routes.route(address).local) << address;
  }
  EXPECT_FALSE(routes.route("u@xn--bcher-kva.example").unsure);
  EXPECT_FALSE(routes.route("\u00fc@a.example").unsure);
  convert_u_labels_by(convert_by_libidn2);
}

TEST(RecipientRoutes, LinesThatNobodyConvertedAreConvertedLater) {
  convert_u_labels_by(no_answer);
  RecipientRoutes routes({.envnoathost = "me.example",
                          .percenthack = {},
                          .locals = {"b\u00fccher.example", "xn--a-ecp.example"},
                          .virtualdomains = {":all"},
                          .utf8 = true});
  EXPECT_TRUE(routes.route("u@XN--bcher-kva.example").unsure);
  EXPECT_TRUE(routes.route("u@xn--a-ecp.example").local);
  EXPECT_EQ(routes.route("u@a.example").recipient, "all-u@a.example");
  routes.convert_again();
  EXPECT_TRUE(routes.route("u@xn--bcher-kva.example").unsure);
  convert_u_labels_by(as_ascii);
  EXPECT_TRUE(routes.route("u@xn--bcher-kva.example").unsure);
  routes.convert_again();
  EXPECT_TRUE(routes.route("u@xn--bcher-kva.example").local);
  EXPECT_FALSE(routes.route("u@xn--bcher-kva.example").unsure);
  convert_u_labels_by(convert_by_libidn2);
}

}  // namespace
}  // namespace reqmail::mail
