#include "scheduler/router.h"

#include <gtest/gtest.h>

namespace reqmail::scheduler {
namespace {

Router make_router() {
  return Router({.envnoathost = "me.example",
                 .percenthack = {"p.example"},
                 .locals = {"me.example", "Local.Example"},
                 .virtualdomains = {"v.example:alice-v", ".v.example:wild", "n.v.example:",
                                    "u@w.example:carol", "me.example:never", "nocolon"}});
}

std::string routed(const Router& router, std::string_view address) {
  const Route route = router.route(address);
  return (route.channel == Channel::local ? "local " : "remote ") + route.recipient;
}

TEST(Router, LocalsMatchWholeDomainsInAnyCase) {
  const Router router = make_router();
  EXPECT_EQ(routed(router, "u@me.example"), "local u@me.example");
  EXPECT_EQ(routed(router, "U@LOCAL.example"), "local U@LOCAL.example");
  EXPECT_EQ(routed(router, "u@sub.me.example"), "remote u@sub.me.example");
  EXPECT_EQ(routed(router, "u@me.example."), "remote u@me.example.");
}

TEST(Router, AddressesWithoutAtGetEnvnoathost) {
  const Router router = make_router();
  EXPECT_EQ(routed(router, "u"), "local u@me.example");
  EXPECT_EQ(routed(router, ""), "local @me.example");
  EXPECT_EQ(routed(router, "u%x"), "local u%x@me.example");
  EXPECT_EQ(routed(router, "u@"), "remote u@");
}

TEST(Router, PercentHackGoesOnWhileTheDomainIsListed) {
  const Router router = make_router();
  EXPECT_EQ(routed(router, "u%me.example@p.example"), "local u@me.example");
  EXPECT_EQ(routed(router, "u%me.example%p.example@p.example"), "local u@me.example");
  EXPECT_EQ(routed(router, "u%x%q.example@p.example"), "remote u%x@q.example");
  EXPECT_EQ(routed(router, "%@p.example"), "remote @");
  EXPECT_EQ(routed(router, "u@p.example"), "remote u@p.example");
  EXPECT_EQ(routed(router, "u%x@q.example"), "remote u%x@q.example");
}

TEST(Router, VirtualDomains) {
  const Router router = make_router();
  EXPECT_EQ(routed(router, "x@v.example"), "local alice-v-x@v.example");
  EXPECT_EQ(routed(router, "x@a.b.v.example"), "local wild-x@a.b.v.example");
  EXPECT_EQ(routed(router, "x@n.v.example"), "remote x@n.v.example");
  EXPECT_EQ(routed(router, "U@W.Example"), "local carol-U@W.Example");
  EXPECT_EQ(routed(router, "x@w.example"), "remote x@w.example");
  EXPECT_EQ(routed(router, "x@xv.example"), "remote x@xv.example");
  EXPECT_EQ(routed(router, "x@nocolon"), "remote x@nocolon");
}

TEST(Router, CatchAllTakesWhatNothingElseTakes) {
  const Router router({.envnoathost = "me",
                       .percenthack = {},
                       .locals = {"me"},
                       .virtualdomains = {":all", "a.example:a"}});
  EXPECT_EQ(routed(router, "x@b.example"), "local all-x@b.example");
  EXPECT_EQ(routed(router, "x@a.example"), "local a-x@a.example");
  EXPECT_EQ(routed(router, "x@me"), "local x@me");
}

TEST(Router, BouncesNameRecipientsWithoutThePrepend) {
  const Router router = make_router();
  EXPECT_EQ(router.without_prepend("alice-v-x@v.example"), "x@v.example");
  EXPECT_EQ(router.without_prepend("wild-x@a.v.example"), "x@a.v.example");
  EXPECT_EQ(router.without_prepend("carol-u@w.example"), "carol-u@w.example");
  EXPECT_EQ(router.without_prepend("bob-x@v.example"), "bob-x@v.example");
  EXPECT_EQ(router.without_prepend("x@me.example"), "x@me.example");
  EXPECT_EQ(router.without_prepend("nobody"), "nobody");
}

TEST(Router, HupReplacesLocalsAndVirtualdomainsOnly) {
  Router router = make_router();
  router.replace({"other.example"}, {"q.example:q"}, false);
  EXPECT_EQ(routed(router, "u@me.example"), "remote u@me.example");
  EXPECT_EQ(routed(router, "u@q.example"), "local q-u@q.example");
  EXPECT_EQ(routed(router, "u%other.example@p.example"), "local u@other.example");
}

TEST(Verp, OnlySendersThatAskForItChange) {
  EXPECT_EQ(verp_sender("list-@h-@[]", "r@x"), "list-r=x@h");
  EXPECT_EQ(verp_sender("list-return-1-@h-@[]", "a-b=c@x"), "list-return-1-a-b=c=x@h");
  EXPECT_EQ(verp_sender("@h-@[]", "r@x"), "r=x@h");
  EXPECT_EQ(verp_sender("list--@[]", "r@x"), "list--@[]");
  EXPECT_EQ(verp_sender("#@[]", "r@x"), "#@[]");
  EXPECT_EQ(verp_sender("list-@h-@[x]", "r@x"), "list-@h-@[x]");
  EXPECT_EQ(verp_sender("", "r@x"), "");
}

TEST(Verp, BouncesGoToTheAddressInFront) {
  EXPECT_EQ(bounce_recipient("list-@h-@[]"), "list-@h");
  EXPECT_EQ(bounce_recipient("s@h"), "s@h");
  EXPECT_EQ(bounce_recipient("#@[]"), "#@[]");
}

}  // namespace
}  // namespace reqmail::scheduler
