// Reports made of output that is too long; the tests in mail/ have the exit codes.
#include "spawn/report.h"

#include <gtest/gtest.h>

#include <string>

#include "base/program_end.h"

namespace reqmail::spawn {
namespace {

constexpr base::ProgramEnd kExit0 = {false, 0};
constexpr base::ProgramEnd kExit100 = {false, 100};
constexpr base::ProgramEnd kExit111 = {false, 111};
constexpr base::ProgramEnd kCrash = {true, 9};

TEST(LocalReport, WholeOutputIsKept) {
  EXPECT_EQ(local_report(kExit100, {"no\n", false}), "Dno\n");
  const std::string longest(kLocalOutputMax, 'x');
  EXPECT_EQ(local_report(kExit0, {longest, false}), "K" + longest);
}

TEST(LocalReport, CutOutputSaysSo) {
  const std::string text = std::string(2966, 'x') + std::string(34, 'y');
  ASSERT_EQ(text.size(), kLocalOutputMax);
  EXPECT_EQ(local_report(kExit100, {text, true}),
            "D" + std::string(2966, 'x') + "\nError report too long, sorry.\n");
  EXPECT_EQ(local_report(kExit111, {text, true}).front(), 'Z');
  EXPECT_EQ(local_report(kExit0, {text, true}).front(), 'K');
  EXPECT_EQ(local_report(kCrash, {text, true}), "Zqmail-local crashed.\n");
}

TEST(RemoteReport, LostVerdictIsTemporary) {
  const std::string text = "r" + std::string(1, '\0') + "Kaccepted";
  EXPECT_EQ(remote_report(kExit0, {text, true}), "ZError report too long, sorry.\n");
  EXPECT_EQ(remote_report(kCrash, {text, true}), "Zqmail-remote crashed.\n");
  EXPECT_EQ(remote_report(kExit100, {text, true}), "DUnable to run qmail-remote.\n");
  EXPECT_EQ(remote_report(kExit111, {text, true}), "ZUnable to run qmail-remote.\n");
}

TEST(RemoteReport, WholeOutputIsReduced) {
  const std::string text =
      "hno\n" + std::string(1, '\0') + "DGiving up.\n" + std::string(1, '\0');
  EXPECT_EQ(remote_report(kExit0, {text, false}), "Dno\nGiving up.\n");
  EXPECT_EQ(remote_report(kExit0, {"", false}), "Zqmail-remote produced no output.\n");
}

}  // namespace
}  // namespace reqmail::spawn
