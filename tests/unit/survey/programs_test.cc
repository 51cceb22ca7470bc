#include "survey/programs.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/unit/support/scratch.h"

namespace reqmail::survey {
namespace {

using std::string_literals::operator""s;
using tests::Scratch;

TEST(Programs, OurOwnProgramsAreNoPatchOfAnything) {
  const Scratch home;
  home.put("bin/qmail-send",
           "\x7f"
           "ELF _ZN7reqmail4sendE triple");
  home.put("bin/qmail-smtpd",
           "\x7f"
           "ELF STARTTLS LOGREGEX _ZN7reqmail");
  home.put("bin/elq", "");
  const OldPrograms programs = recognise_programs(home("bin"));
  EXPECT_EQ(programs.version, "reqmail");
  EXPECT_TRUE(programs.patches.empty());
  EXPECT_TRUE(programs.findings.empty());
}

TEST(Programs, TextsOfPatches) {
  OldPrograms programs;
  recognise_text(programs, "qmail-smtpd", "..LOGREGEX..STARTTLS\0..VXNlcm5hbWU6"s);
  recognise_text(programs, "qmail-remote", "..no such thing: LOGREGEX..");
  EXPECT_EQ(programs.patches, (std::vector<std::string>{"SMTP AUTH", "TLS", "qregex"}));
  EXPECT_TRUE(programs.has(Trait::qregex) && programs.has(Trait::server_tls) &&
              programs.has(Trait::server_auth));
  EXPECT_FALSE(programs.has(Trait::forces_tls) || programs.has(Trait::client_tls));
}

}  // namespace
}  // namespace reqmail::survey
