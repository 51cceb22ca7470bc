#include "survey/variable_check.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <string>

#include "survey/services.h"
#include "tests/unit/support/scratch.h"

namespace reqmail::survey {
namespace {

using tests::Scratch;

TEST(VariableCheck, ProgramsInVariablesAreLookedFor) {
  const Scratch home;
  const std::string program = home.put("opt/filter", "#!/bin/sh\n");
  home.put("service/s/run", "export QMAILQUEUE=/opt/filter\nexec qmail-smtpd\n");
  const auto verdict = [&] {
    const auto findings =
        check_variables(find_services(home("home"), home("")), home("home"), home(""));
    return findings.at(0).severity;
  };
  EXPECT_EQ(verdict(), Severity::loss);  // may not be executed
  ASSERT_EQ(::chmod(program.c_str(), 0755), 0);
  EXPECT_EQ(verdict(), Severity::harmless);
  ASSERT_EQ(::unlink(program.c_str()), 0);
  EXPECT_EQ(verdict(), Severity::loss);
  home.put("service/s/run", "export QMAILQUEUE=$FILTER\nexec qmail-smtpd\n");
  EXPECT_EQ(verdict(), Severity::note);
}

}  // namespace
}  // namespace reqmail::survey
