#include "legacy/srs_domains.h"

#include <gtest/gtest.h>

namespace reqmail::legacy {
namespace {

using Texts = std::vector<std::string>;

TEST(SrsDomains, TheDomainOfSenders) {
  EXPECT_EQ(convert_srs_domains({"Example.org:s"}).domain, "example.org");
  EXPECT_EQ(convert_srs_domains({"example.org:s||srs."}).domain, "srs.example.org");
  EXPECT_EQ(convert_srs_domains({"example.org:s||bounce.example.net"}).domain,
            "bounce.example.net");
  EXPECT_EQ(convert_srs_domains({"*:s||bounce.example.net"}).domain, "bounce.example.net");
  EXPECT_EQ(convert_srs_domains({"*:s||srs."}).domain, "");
  EXPECT_EQ(convert_srs_domains({"*:s"}).domain, "");
  EXPECT_FALSE(convert_srs_domains({"example.org:s||srs."}).merged);
}

TEST(SrsDomains, SecretsAndSeparator) {
  const SrsFiles files = convert_srs_domains({"example.org:new  old|+|srs."});
  EXPECT_EQ(files.secrets, (Texts{"new", "old"}));
  EXPECT_EQ(files.separator, '+');
  EXPECT_EQ(convert_srs_domains({"example.org:s|x|"}).separator, '=');
}

TEST(SrsDomains, SeveralLinesBecomeOneDomain) {
  const SrsFiles files = convert_srs_domains(
      {"*:any||srs.", "a.example:one any||srs.", "b.example:two||srs.", "!c.example:"});
  EXPECT_EQ(files.domain, "srs.a.example");
  EXPECT_EQ(files.secrets, (Texts{"one", "any", "two"}));
  EXPECT_TRUE(files.merged);
  EXPECT_TRUE(convert_srs_domains({"a.example:s||x.example", "!c.example:"}).merged);
  EXPECT_TRUE(
      convert_srs_domains({"a.example:s||x.example", "b.example:s|-|x.example"}).merged);
  EXPECT_FALSE(
      convert_srs_domains({"a.example:s||x.example", "b.example:t||x.example"}).merged);
}

TEST(SrsDomains, LinesWithoutSense) {
  const SrsFiles files =
      convert_srs_domains({"nonsense", ":s", "a.example:", "a.example:||x."});
  EXPECT_EQ(files.domain, "");
  EXPECT_TRUE(files.secrets.empty());
}

}  // namespace
}  // namespace reqmail::legacy
