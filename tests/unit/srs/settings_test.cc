#include "srs/settings.h"

#include <gtest/gtest.h>

#include "tests/unit/support/control_home.h"

namespace reqmail::srs {
namespace {

using SrsFiles = tests::ControlHome;

TEST_F(SrsFiles, WithoutADomainItIsOff) {
  EXPECT_FALSE(*read_settings());
  control("srs_domain", "\n");
  control("srs_secrets", "x\n");
  EXPECT_FALSE(*read_settings());
}

TEST_F(SrsFiles, DefaultsAndValues) {
  control("srs_domain", "srs.example\n");
  control("srs_secrets", "# keys\nnew\nold\n");
  auto settings = read_settings();
  ASSERT_TRUE(settings && *settings);
  EXPECT_EQ((*settings)->domain, "srs.example");
  EXPECT_EQ((*settings)->secrets, (std::vector<std::string>{"new", "old"}));
  EXPECT_EQ((*settings)->max_age, 21U);
  EXPECT_EQ((*settings)->hash_length, 4U);
  EXPECT_EQ((*settings)->hash_min, 4U);
  EXPECT_EQ((*settings)->separator, '=');
  control("srs_maxage", "7\n");
  control("srs_hashlength", "12\n");
  control("srs_hashmin", "6\n");
  control("srs_separator", "+\n");
  settings = read_settings();
  EXPECT_EQ((*settings)->max_age, 7U);
  EXPECT_EQ((*settings)->hash_length, 12U);
  EXPECT_EQ((*settings)->hash_min, 6U);
  EXPECT_EQ((*settings)->separator, '+');
}

TEST_F(SrsFiles, LengthsStayWithinTheHash) {
  control("srs_domain", "srs.example\n");
  control("srs_secrets", "x\n");
  control("srs_hashlength", "99\n");
  control("srs_hashmin", "0\n");
  control("srs_separator", "#\n");
  EXPECT_EQ((*read_settings())->hash_length, 27U);
  EXPECT_EQ((*read_settings())->hash_min, 1U) << "an empty hash would be anybody's";
  EXPECT_EQ((*read_settings())->separator, '=');
  control("srs_hashlength", "2\n");
  control("srs_hashmin", "9\n");
  EXPECT_EQ((*read_settings())->hash_min, 2U);
}

TEST_F(SrsFiles, SecretsMustBeThere) {
  control("srs_domain", "srs.example\n");
  EXPECT_EQ(read_settings().error().text, "control/srs_secrets: file does not exist");
  control("srs_secrets", "# none\n");
  EXPECT_EQ(read_settings().error().text, "control/srs_secrets: there is no secret");
}

}  // namespace
}  // namespace reqmail::srs
