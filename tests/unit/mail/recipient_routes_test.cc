#include "mail/recipient_routes.h"

#include <gtest/gtest.h>

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
  routes.replace({}, {});
  EXPECT_EQ(routed("u@V.example"), "remote u@V.example");
}

}  // namespace
}  // namespace reqmail::mail
