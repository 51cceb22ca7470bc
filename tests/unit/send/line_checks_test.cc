#include "send/line_checks.h"

#include <gtest/gtest.h>

#include <map>

namespace reqmail::send {
namespace {

TEST(LineChecks, OfTheFilesOfQmailSend) {
  const std::map<std::string, std::vector<std::string>> files = {
      {"bouncestyle", {"headers", "mime"}},
      {"concurrencyremotedomains", {"x:1", "x"}},
      {"ratelimitremote", {"x:1/2", "x:1"}},
      {"retryschedule", {"local:1 2", "remote:2 1"}},
  };
  const auto checks = line_checks();
  EXPECT_EQ(checks.size(), files.size());
  for (const control::LineCheck& check : checks) {
    const auto& lines = files.at(std::string(check.file.row().name));
    const auto bad = check.find(lines);
    ASSERT_EQ(bad.size(), 1U) << lines[0];
    EXPECT_EQ(bad[0].text, lines[1]);
    EXPECT_FALSE(bad[0].why.empty());
  }
}

}  // namespace
}  // namespace reqmail::send
