#include "auth822/spf_macro.h"

#include <gtest/gtest.h>

namespace reqmail::auth822 {
namespace {

SpfMacroValues values() {
  SpfMacroValues values;
  values.sender_local = "lists-eu.news";
  values.sender_domain = "mail.example.org";
  values.domain = "example.org";
  values.helo = "client.example";
  values.receiver = "me.example";
  values.client = *base::IpAddress::parse("192.0.2.77");
  values.time = 1796000000;
  return values;
}

std::string domain(std::string_view text, const SpfMacroValues& with = values()) {
  return expand_spf_domain(text, with).value_or("(none)");
}

std::string explanation(std::string_view text, const SpfMacroValues& with = values()) {
  return expand_spf_macros(text, SpfMacroPlace::explanation, with).value_or("(none)");
}

TEST(SpfMacro, EachLetter) {
  EXPECT_EQ(explanation("%{s}|%{l}|%{o}|%{d}|%{i}|%{p}|%{h}|%{v}|%{c}|%{r}|%{t}"),
            "lists-eu.news@mail.example.org|lists-eu.news|mail.example.org|example.org|"
            "192.0.2.77|unknown|client.example|in-addr|192.0.2.77|me.example|1796000000");
}

TEST(SpfMacro, PartsAreKeptReversedAndCutAtOtherMarks) {
  EXPECT_EQ(domain("%{o1}"), "org");
  EXPECT_EQ(domain("%{o2}"), "example.org");
  EXPECT_EQ(domain("%{o9}"), "mail.example.org");
  EXPECT_EQ(domain("%{or}"), "org.example.mail");
  EXPECT_EQ(domain("%{o2R}"), "example.mail");
  EXPECT_EQ(domain("%{l-}"), "lists.eu.news");
  EXPECT_EQ(domain("%{lr-}"), "eu.news.lists");
  EXPECT_EQ(domain("%{l1r-.}"), "lists");
  EXPECT_EQ(domain("%{ir}.%{v}._spf.%{d2}"), "77.2.0.192.in-addr._spf.example.org");
}

TEST(SpfMacro, AnIpv6ClientIsWrittenInNibbles) {
  SpfMacroValues with = values();
  with.client = *base::IpAddress::parse("2001:db8::cb01");
  EXPECT_EQ(domain("%{ir}.%{v}.x", with),
            "1.0.b.c.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.x");
  EXPECT_EQ(explanation("%{c}", with), "2001:db8::cb01");
}

TEST(SpfMacro, CapitalsEscapeForUrls) {
  SpfMacroValues with = values();
  with.sender_local = "a b&c=~d";
  EXPECT_EQ(explanation("?l=%{L}", with), "?l=a%20b%26c%3D~d");
  EXPECT_EQ(explanation("%{l}", with), "a b&c=~d");
}

TEST(SpfMacro, PercentBlankAndEscapedBlank) {
  EXPECT_EQ(explanation("100%%_%_%-"), "100%_ %20");
}

TEST(SpfMacro, WhatIsNoMacroString) {
  for (const char* bad : {"%", "%a", "%{", "%{}", "%{x}", "%{d0}", "%{d}%", "%{d1x}", "%{dr1}",
                          "%{c}", "%{r}", "%{t}", "a b", "a\tb", "\x80", "a\x7f"}) {
    EXPECT_FALSE(is_spf_macro_string(bad, SpfMacroPlace::domain_spec)) << bad;
  }
  for (const char* good : {"%{c}", "a b", "100%%"}) {
    EXPECT_TRUE(is_spf_macro_string(good, SpfMacroPlace::explanation)) << good;
  }
}

TEST(SpfMacro, ADomainSpecEndsInAMacroOrALabelOfATopLevelDomain) {
  for (const char* good : {"a.example", "a.example.", "%{d}", "x%{d}", "_spf.%{d2}",
                           "a.xn--p1ai", "1.2.3.4a", "a:b/c.org"}) {
    EXPECT_TRUE(is_spf_domain_spec(good)) << good;
  }
  for (const char* bad : {"", "museum", "museum.", "1.2.3.4", "a.-b", "a.b-", "a.b_c", "a..",
                          "%{d}x", "%{d}%%"}) {
    EXPECT_FALSE(is_spf_domain_spec(bad)) << bad;
  }
}

TEST(SpfMacro, LongNamesLoseLabelsAtTheLeft) {
  SpfMacroValues with = values();
  const std::string label(60, 'l');
  with.domain = label + "." + label + "." + label + "." + label + ".example";
  EXPECT_EQ(domain("first.%{d}", with), with.domain);
  EXPECT_EQ(domain("%{d}.more.example", with), with.domain.substr(61) + ".more.example");
}

TEST(SpfMacro, TheValidatedNameIsSeen) {
  EXPECT_TRUE(asks_for_validated_name("%{p}.x"));
  EXPECT_TRUE(asks_for_validated_name("%{P2r}"));
  EXPECT_FALSE(asks_for_validated_name("%%{p}.x"));
  EXPECT_FALSE(asks_for_validated_name("%{d}"));
}

}  // namespace
}  // namespace reqmail::auth822
