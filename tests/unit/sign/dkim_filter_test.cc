#include "sign/dkim_filter.h"

#include <gtest/gtest.h>

namespace reqmail::sign {
namespace {

TEST(DkimFilter, Settings) {
  FilterRequest request;
  EXPECT_FALSE(filter_settings(request, "mx")->dkim);
  request.key = "k/%/Sel";
  request.options = "-z 2 -c s";
  const auto settings = filter_settings(request, "mx");
  ASSERT_TRUE(settings && settings->dkim && settings->only);
  EXPECT_EQ(settings->only->selector, "sel");
  EXPECT_EQ(settings->only->path, "k/%/Sel");
  EXPECT_EQ(settings->only->options.body_form, auth822::Canonical::simple);
  request.no_dkim = true;
  EXPECT_FALSE(filter_settings(request, "mx")->dkim);
  request.no_dkim = false;
  request.options = "-z 1";
  EXPECT_EQ(filter_settings(request, "mx").error().text,
            "DKIMSIGNOPTIONS: SHA-1 is not secure: -z is 2 or 4");
}

TEST(DkimFilter, Letters) {
  EXPECT_EQ(verify_letter("pass header.d=d.example"), 'A');
  EXPECT_EQ(verify_letter("policy (l= leaves out bytes of the body) header.d=d"), 'C');
  EXPECT_EQ(verify_letter("policy (too many signatures)"), 'G');
  EXPECT_EQ(verify_letter("fail (bad signature) header.d=d"), 'I');
  EXPECT_EQ(verify_letter("fail (body hash does not match)"), 'U');
  EXPECT_EQ(verify_letter("fail (signature has expired)"), 'K');
  EXPECT_EQ(verify_letter("neutral (bad signature)"), 'J');
  EXPECT_EQ(verify_letter("none"), 'S');
  EXPECT_EQ(verify_letter("temperror (key could not be looked up)"), 'P');
  EXPECT_EQ(verify_letter("permerror (no key)"), 'Q');
  EXPECT_EQ(verify_letter("permerror (key is revoked)"), 'N');
  EXPECT_EQ(verify_letter("permerror (key is of another type)"), 'V');
  EXPECT_EQ(verify_letter("permerror (key is not for subdomains)"), 'M');
  EXPECT_EQ(verify_letter("permerror (p= is no key)"), 'R');
  EXPECT_EQ(verify_letter("permerror (bad tag list)"), 'H');
}

TEST(DkimFilter, Refusals) {
  constexpr std::string_view kBad =
      "spf=none\ndkim=fail (bad signature) header.d=d\narc=none\n";
  EXPECT_TRUE(judge_results(kBad, "S"));
  EXPECT_EQ(judge_results(kBad, "SI").error().permanence, Permanence::permanent);
  EXPECT_EQ(judge_results(kBad, "Si").error().permanence, Permanence::temporary);
  EXPECT_EQ(judge_results(kBad, "i").error().text,
            "DKIM of this message is fail: bad signature");
  EXPECT_TRUE(judge_results("dkim=fail (bad signature)\ndkim=pass header.d=d\n", "I"));
  EXPECT_EQ(judge_results("dkim=none\n", "S").error().text, "DKIM of this message is none");
  EXPECT_EQ(judge_results("", "S").error().permanence, Permanence::temporary);
}

}  // namespace
}  // namespace reqmail::sign
