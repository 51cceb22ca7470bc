// What becomes of a message by DMARC.
#include "auth822/dmarc_disposition.h"

#include <gtest/gtest.h>

namespace reqmail::auth822 {
namespace {

DmarcResult failed(DmarcPolicy asked, bool testing = false) {
  DmarcResult result;
  result.word = AuthWord::fail;
  result.policy = asked;
  result.record = DmarcRecord();
  result.record->policy = DmarcPolicy::reject;
  result.record->testing = testing;
  return result;
}

DmarcSettings up_to(DmarcPolicy strictest) {
  DmarcSettings settings;
  settings.strictest = strictest;
  return settings;
}

TEST(DmarcDisposition, TheHostCutsThePolicy) {
  using P = DmarcPolicy;
  for (const P allowed : {P::none, P::quarantine, P::reject}) {
    for (const P asked : {P::none, P::quarantine, P::reject}) {
      const auto done = dmarc_disposition(failed(asked), up_to(allowed), {});
      EXPECT_EQ(done.action, std::min(allowed, asked));
      EXPECT_EQ(override_word(done.reason), allowed < asked ? "local_policy" : "");
    }
  }
}

TEST(DmarcDisposition, OnlyAFailureHasOne) {
  DmarcResult result = failed(DmarcPolicy::reject);
  for (const AuthWord word :
       {AuthWord::pass, AuthWord::none, AuthWord::temperror, AuthWord::permerror}) {
    result.word = word;
    EXPECT_EQ(dmarc_disposition(result, up_to(DmarcPolicy::reject), {}).action,
              DmarcPolicy::none);
  }
}

TEST(DmarcDisposition, ATestingDomainSaysSo) {
  const auto cut =
      dmarc_disposition(failed(DmarcPolicy::quarantine, true), up_to(DmarcPolicy::reject), {});
  EXPECT_EQ(cut.action, DmarcPolicy::quarantine);
  EXPECT_EQ(override_word(cut.reason), "policy_test_mode");
  EXPECT_EQ(override_word(dmarc_disposition(failed(DmarcPolicy::none, true),
                                            up_to(DmarcPolicy::reject), {})
                              .reason),
            "policy_test_mode");
}

TEST(DmarcDisposition, SomeAreSpared) {
  DmarcSettings settings = up_to(DmarcPolicy::reject);
  settings.exempt_authors = {"list.example"};
  const DmarcResult result = failed(DmarcPolicy::reject);
  const auto reason = [&](const DmarcContext& context) {
    const auto done = dmarc_disposition(result, settings, context);
    return done.action == DmarcPolicy::none ? override_word(done.reason) : "refused";
  };
  EXPECT_EQ(reason({"d.example", false, false}), "refused");
  EXPECT_EQ(reason({"d.example", true, false}), "local_policy");
  EXPECT_EQ(reason({"List.example", false, false}), "local_policy");
  EXPECT_EQ(reason({"sub.list.example", false, false}), "refused");
  EXPECT_EQ(reason({"d.example", false, true}), "trusted_forwarder");
}

TEST(DmarcDisposition, AForwarderVouchesByItsResults) {
  EXPECT_TRUE(vouches_for(" i=1; mx.example; dmarc=pass header.from=d.example", "d.example"));
  EXPECT_TRUE(vouches_for(" i=1; mx.example; dkim=pass (ok) header.d=d.example", "d.example"));
  EXPECT_TRUE(vouches_for("i=1; mx; dkim=fail; spf=pass smtp.mailfrom=\"x@sub.d.example\"",
                          "d.example"));
  EXPECT_FALSE(vouches_for("i=1; mx; dkim=pass header.d=other.example", "d.example"));
  EXPECT_FALSE(vouches_for("i=1; mx; dkim=fail header.d=d.example; dmarc=fail", "d.example"));
  EXPECT_FALSE(vouches_for("i=1; mx; (dmarc=pass) dkim=none", "d.example"));
  EXPECT_FALSE(vouches_for("i=1; mx; dkim=pass header.d=d.example", ""));
  EXPECT_FALSE(vouches_for("", "d.example"));
  // What a stranger's address or a comment says is no result.
  EXPECT_FALSE(vouches_for(
      "i=1; mx; spf=pass smtp.mailfrom=\"\\\"; dmarc=pass \\\"@e.example\"", "d.example"));
  EXPECT_FALSE(vouches_for("i=1; mx; dkim=fail (x; dmarc=pass)", "d.example"));
}

}  // namespace
}  // namespace reqmail::auth822
