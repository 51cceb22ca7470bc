// The tables of verdicts are complete and have no rows that never match.
#include <gtest/gtest.h>

#include <set>
#include <string>

#include "control/known.h"
#include "legacy/control_verdicts.h"
#include "legacy/marks.h"
#include "legacy/variable_verdicts.h"

namespace reqmail::survey {
namespace {

TEST(ControlVerdicts, NoRowIsForAFileThatIsRead) {
  for (const control::KnownFile& file : control::kKnownFiles) {
    for (const legacy::ControlVerdict& verdict : legacy::kControlVerdicts) {
      EXPECT_NE(verdict.name, file.name);
    }
  }
}

TEST(ControlVerdicts, NoRowStandsBehindOneThatTakesItsNames) {
  for (const legacy::ControlVerdict& verdict : legacy::kControlVerdicts) {
    std::string name(verdict.name);
    if (name.back() == '*') {
      name.back() = 'x';
    }
    EXPECT_EQ(legacy::verdict_on_control_file(name), &verdict) << verdict.name;
    EXPECT_FALSE(verdict.origin.empty()) << verdict.name;
    EXPECT_FALSE(verdict.text.empty()) << verdict.name;
  }
}

TEST(ControlVerdicts, Patterns) {
  EXPECT_TRUE(legacy::pattern_fits("rsa*", "rsa512.pem"));
  EXPECT_TRUE(legacy::pattern_fits("rsa*", "rsa"));
  EXPECT_FALSE(legacy::pattern_fits("rsa*", "rs"));
  EXPECT_FALSE(legacy::pattern_fits("taps", "taps.old"));
  EXPECT_FALSE(legacy::pattern_fits("", "x"));
  EXPECT_EQ(legacy::verdict_on_control_file("mystery"), nullptr);
}

TEST(VariableVerdicts, NoRowStandsBehindOneThatTakesItsNames) {
  for (const legacy::VariableVerdict& verdict : legacy::kVariableVerdicts) {
    std::string name(verdict.name);
    if (name.back() == '*') {
      name.back() = '_';
    }
    EXPECT_EQ(legacy::verdict_on_variable(name), &verdict) << verdict.name;
    EXPECT_EQ(verdict.origin.empty(), verdict.text.empty()) << verdict.name;
  }
}

TEST(Marks, LieTogetherByProgram) {
  std::set<std::string> done;
  std::string last;
  for (const legacy::Mark& mark : legacy::kMarks) {
    if (mark.program != last) {
      EXPECT_TRUE(done.insert(std::string(mark.program)).second) << mark.program;
      last = mark.program;
    }
  }
}

}  // namespace
}  // namespace reqmail::survey
