// Names in certificates, and the hosts that they cover.
#include "cert/names.h"

#include <gtest/gtest.h>

#include <string>

#include "cert/place.h"

namespace reqmail::cert {
namespace {

TEST(CertificateName, HostNamesAndWildcards) {
  for (const char* good : {"mail.example.org", "a.b", "xn--bcher-kva.example", "1.example",
                           "*.example.org", "MAIL.Example.ORG", "a-b.example"}) {
    EXPECT_TRUE(is_certificate_name(good)) << good;
  }
  EXPECT_TRUE(is_certificate_name(std::string(63, 'x') + ".example"));
  for (const char* bad :
       {"", "host", ".", "a..b", ".a.b", "a.b.", "-a.b", "a-.b", "a b.example", "a_b.example",
        "*", "*.", "*.example", "a.*.example", "*a.example.org", "192.0.2.1", "a.b,DNS:c.d",
        "a.b/../c.d", "b\xc3\xbc.example"}) {
    EXPECT_FALSE(is_certificate_name(bad)) << bad;
  }
  EXPECT_FALSE(is_certificate_name(std::string(64, 'x') + ".example"));
  std::string lengthy = "example";
  while (lengthy.size() <= 250) {
    lengthy.insert(0, "abcdefg.");
  }
  EXPECT_FALSE(is_certificate_name(lengthy));
}

TEST(CertificateName, CoversAHost) {
  EXPECT_TRUE(covers({"x.example", "mail.example.org"}, "Mail.Example.Org"));
  EXPECT_FALSE(covers({"mail.example.org"}, "mail.example.org.evil.example"));
  EXPECT_FALSE(covers({"mail.example.org"}, "xmail.example.org"));
  EXPECT_TRUE(covers({"*.example.org"}, "mail.example.org"));
  EXPECT_FALSE(covers({"*.example.org"}, "a.mail.example.org"));
  EXPECT_FALSE(covers({"*.example.org"}, "example.org"));
  EXPECT_FALSE(covers({"*.example.org"}, ".example.org"));
  EXPECT_FALSE(covers({"*"}, "mail.example.org"));
  EXPECT_FALSE(covers({}, "mail.example.org"));
}

TEST(Place, FilesOfServers) {
  EXPECT_EQ(*server_file(""), "control/servercert.pem");
  EXPECT_EQ(*server_file("Mail.Example.ORG"),
            "control/servercerts/mail.example.org/servercert.pem");
  for (const char* bad :
       {"..", "../x.y", "a/b.c", "*.example.org", "host", ".hidden.example"}) {
    const auto path = server_file(bad);
    ASSERT_FALSE(path) << bad;
    EXPECT_EQ(path.error().permanence, Permanence::permanent);
  }
}

TEST(Place, TimesInWords) {
  EXPECT_EQ(time_text(base::from_epoch(0)), "1970-01-01 00:00:00 UTC");
  EXPECT_EQ(time_text(base::from_epoch(1709164805)), "2024-02-29 00:00:05 UTC");
  EXPECT_EQ(days_between(base::from_epoch(0), base::from_epoch(86399)), 0);
  EXPECT_EQ(days_between(base::from_epoch(0), base::from_epoch(86400)), 1);
  EXPECT_EQ(days_between(base::from_epoch(86400), base::from_epoch(0)), 0);
}

}  // namespace
}  // namespace reqmail::cert
