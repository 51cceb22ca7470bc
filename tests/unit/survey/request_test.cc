#include "survey/request.h"

#include <gtest/gtest.h>

namespace reqmail::survey {
namespace {

TEST(Request, Defaults) {
  const auto request = parse_request({"check"}, "/var/qmail", "/opt/new/bin/qmail-upgrade");
  ASSERT_TRUE(request);
  EXPECT_EQ(request->command, Command::check);
  EXPECT_EQ(request->home, "/var/qmail");
  EXPECT_EQ(request->tree, "/opt/new");
  EXPECT_FALSE(request->json || request->accept_loss || request->edit_run_scripts);
  EXPECT_EQ(request->root, "");
}

TEST(Request, AllOptionsOnEitherSide) {
  const auto request = parse_request(
      {"--json", "--home=/h//", "apply", "--from=/t/", "--accept-loss", "--edit-run-scripts"},
      "/var/qmail", "/x/bin/y");
  ASSERT_TRUE(request);
  EXPECT_EQ(request->command, Command::apply);
  EXPECT_EQ(request->home, "/h");
  EXPECT_EQ(request->tree, "/t");
  EXPECT_TRUE(request->json && request->accept_loss && request->edit_run_scripts);
}

TEST(Request, VersionIsACommand) {
  const auto request = parse_request({"--version"}, "/var/qmail", "/x/bin/y");
  ASSERT_TRUE(request);
  EXPECT_EQ(request->command, Command::version);
}

TEST(Request, WrongWords) {
  for (const std::vector<std::string>& words : {std::vector<std::string>{},
                                                {"Check"},
                                                {"check", "check"},
                                                {"check", "--version"},
                                                {"--version", "apply"},
                                                {"--json"},
                                                {"--home=", "check"},
                                                {"--home=x", "check"},
                                                {"--from=", "check"},
                                                {"-j", "check"},
                                                {""}}) {
    EXPECT_FALSE(parse_request(words, "/var/qmail", "/x/bin/y"));
  }
}

}  // namespace
}  // namespace reqmail::survey
