#include "smtpd/session_settings.h"

#include <gtest/gtest.h>

namespace reqmail::smtpd {
namespace {

TEST(SessionSettings, VariablesHavePrecedenceOverFiles) {
  SmtpdFiles files;
  files.limits.databytes = 1000;
  files.limits.max_recipients = 10;
  files.extensions.dsn = true;
  SmtpdEnvironment environment;
  std::vector<std::string> faults;
  auto settings = server_settings(files, environment, {}, {}, {}, faults);
  EXPECT_EQ(settings.policy.databytes, 1000U);
  EXPECT_EQ(settings.policy.max_recipients, 10U);
  EXPECT_TRUE(settings.extensions.dsn);
  EXPECT_FALSE(settings.extensions.utf8);
  environment.client.databytes = 7;
  environment.limits.max_recipients = 3;
  environment.client.relay_suffix = ".example";
  settings = server_settings(files, environment, {}, {}, {}, faults);
  EXPECT_EQ(settings.policy.databytes, 7U);
  EXPECT_EQ(settings.policy.max_recipients, 3U);
  EXPECT_EQ(settings.policy.relay_suffix, ".example");
  EXPECT_TRUE(faults.empty());
}

}  // namespace
}  // namespace reqmail::smtpd
