// Lines for aggregate reports: what is written is read again.
#include "auth822/dmarc_line.h"

#include <gtest/gtest.h>

namespace reqmail::auth822 {
namespace {

DmarcLine some_line() {
  DmarcLine line;
  line.time = 1796040000;
  line.client = "192.0.2.1";
  line.author = "d.example";
  line.policy_domain = "d.example";
  line.p = "reject";
  line.adkim = "s";
  line.aspf = "r";
  line.testing = "n";
  line.disposition = "quarantine";
  line.dkim = "fail";
  line.spf = "pass";
  line.reason = "local_policy";
  line.envelope_from = "e.example";
  line.reports = "mailto:a@d.example,mailto:b@d.example!10m";
  line.auth = {{"dkim", "x.example", "s1", "pass"}, {"spf", "e.example", "", "fail"}};
  return line;
}

TEST(DmarcLine, IsOneLineOfPairs) {
  EXPECT_EQ(
      encode_dmarc_line(some_line()),
      "t=1796040000 ip=192.0.2.1 from=d.example policy=d.example p=reject sp= np= adkim=s "
      "aspf=r testing=n disposition=quarantine dkim=fail spf=pass reason=local_policy "
      "envfrom=e.example rua=mailto:a@d.example%2Cmailto:b@d.example!10m "
      "auth=dkim:x.example:s1:pass,spf:e.example:fail\n");
}

TEST(DmarcLine, IsReadAgain) {
  DmarcLine line = some_line();
  line.author = "a b%\n=\xff";
  line.auth[0].selector = "a:b,c";
  const auto read = parse_dmarc_line(encode_dmarc_line(line));
  ASSERT_TRUE(read);
  EXPECT_EQ(read->author, line.author);
  EXPECT_EQ(read->time, line.time);
  EXPECT_EQ(read->reports, line.reports);
  ASSERT_EQ(read->auth.size(), 2U);
  EXPECT_EQ(read->auth[0].selector, "a:b,c");
  EXPECT_EQ(read->auth[1].result, "fail");
  EXPECT_EQ(encode_dmarc_line(*read), encode_dmarc_line(line));
}

TEST(DmarcLine, WhatIsNoLine) {
  for (const char* text : {"", "x", "t=x policy=d", "t=1", "policy=d", "t=1  policy=d"}) {
    EXPECT_FALSE(parse_dmarc_line(text)) << text;
  }
  EXPECT_TRUE(parse_dmarc_line("t=1 policy=d new=key"));
}

}  // namespace
}  // namespace reqmail::auth822
