#include "survey/findings.h"

#include <gtest/gtest.h>

namespace {

using reqmail::survey::Finding;
using reqmail::survey::Severity;
using reqmail::survey::Verdict;
using reqmail::survey::verdict_of;

Finding of(Severity severity) {
  Finding finding;
  finding.severity = severity;
  return finding;
}

TEST(Verdicts, TheWorstCounts) {
  EXPECT_EQ(verdict_of({}, false), Verdict::go);
  EXPECT_EQ(verdict_of({of(Severity::harmless)}, false), Verdict::go);
  EXPECT_EQ(verdict_of({of(Severity::note), of(Severity::harmless)}, false),
            Verdict::go_with_notes);
  EXPECT_EQ(verdict_of({of(Severity::loss), of(Severity::note)}, false), Verdict::stop);
  EXPECT_EQ(verdict_of({of(Severity::note), of(Severity::stop)}, false), Verdict::stop);
}

TEST(Verdicts, AcceptedLossIsANoteAndAStopStaysOne) {
  EXPECT_EQ(verdict_of({of(Severity::loss)}, true), Verdict::go_with_notes);
  EXPECT_EQ(verdict_of({of(Severity::loss), of(Severity::stop)}, true), Verdict::stop);
}

TEST(Verdicts, ExitCodes) {
  EXPECT_EQ(reqmail::survey::exit_code(Verdict::go), 0);
  EXPECT_EQ(reqmail::survey::exit_code(Verdict::go_with_notes), 1);
  EXPECT_EQ(reqmail::survey::exit_code(Verdict::stop), 2);
}

}  // namespace
