#include "sys/usage.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <vector>

#include "tests/unit/support/child_report.h"

namespace reqmail::sys {
namespace {

using tests::report_of_child;

constexpr std::string_view kText = "tool: usage: tool NAME\n";
constexpr int kGoneOn = 7;

// What answer_help() does with these arguments; `kGoneOn` is the code if it returns.
tests::ChildReport answer_to(std::vector<const char*> argv, int fd = STDOUT_FILENO) {
  return report_of_child(fd, [&argv] {
    const int argc = static_cast<int>(argv.size());
    argv.push_back(nullptr);
    answer_help(argc, argv.data(), kText);
    ::_exit(kGoneOn);
  });
}

TEST(Usage, HelpIsAnsweredOnStandardOutput) {
  const auto report = answer_to({"tool", "--help"});
  EXPECT_EQ(report.end.code, 0);
  EXPECT_EQ(report.said, kText);
  EXPECT_EQ(answer_to({"tool", "--help"}, STDERR_FILENO).said, "");
}

TEST(Usage, OnlyHelpAloneIsAQuestion) {
  for (const std::vector<const char*>& argv :
       std::vector<std::vector<const char*>>{{},
                                             {"tool"},
                                             {"--help"},
                                             {"tool", "name"},
                                             {"tool", "--helpful"},
                                             {"tool", "--help", "name"},
                                             {"tool", "name", "--help"}}) {
    const auto report = answer_to(argv);
    EXPECT_EQ(report.end.code, kGoneOn) << argv.size();
    EXPECT_EQ(report.said, "");
  }
}

TEST(Usage, AnswerThatCannotBeWrittenIsNoSuccess) {
  const auto end = tests::in_child([] {
    ::close(STDOUT_FILENO);
    const char* argv[] = {"tool", "--help", nullptr};
    answer_help(2, argv, kText);
  });
  EXPECT_EQ(end.code, 111);
}

TEST(Usage, RefusalIsOnStandardError) {
  const auto report = report_of_child(STDERR_FILENO, [] { refuse_arguments(kText); });
  EXPECT_EQ(report.end.code, 100);
  EXPECT_EQ(report.said, kText);
  EXPECT_EQ(report_of_child(STDOUT_FILENO, [] { refuse_arguments(kText); }).said, "");
}

}  // namespace
}  // namespace reqmail::sys
