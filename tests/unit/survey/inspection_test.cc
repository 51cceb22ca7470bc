#include "survey/inspection.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <string>
#include <vector>

#include "survey/about.h"
#include "survey/owners_check.h"
#include "survey/place_check.h"
#include "survey/report.h"
#include "tests/unit/support/scratch.h"

namespace reqmail::survey {
namespace {

using tests::Scratch;

Request of(const Scratch& home) {
  Request request;
  request.home = home("");
  request.tree = home("tree");
  request.root = home("root");
  return request;
}

bool has(const std::vector<Finding>& findings, const std::string& code, Severity severity) {
  return std::any_of(findings.begin(), findings.end(), [&](const Finding& finding) {
    return finding.code == code && finding.severity == severity;
  });
}

TEST(Inspection, WithoutABinNothingCanBeSaid) {
  const Scratch home;
  EXPECT_EQ(inspect(of(home)).error().error, ENOENT);
  home.put("bin", "");
  EXPECT_FALSE(inspect(of(home)));
}

TEST(Inspection, AnEmptyHomeIsNoQmail) {
  const Scratch home;
  home.make_folder("bin");
  const auto inspection = inspect(of(home));
  ASSERT_TRUE(inspection);
  EXPECT_EQ(inspection->version, "no qmail");
  EXPECT_TRUE(has(inspection->findings, "no-qmail", Severity::stop));
  EXPECT_TRUE(has(inspection->findings, "tree", Severity::stop));
  EXPECT_TRUE(has(inspection->findings, "home", Severity::stop));
  EXPECT_EQ(verdict_of(inspection->findings, true), Verdict::stop);
}

TEST(Inspection, SupervisorsHaveNames) {
  EXPECT_EQ(supervisor_name(Supervisor::none), "none");
  EXPECT_EQ(supervisor_name(Supervisor::systemd), "systemd");
}

TEST(PlaceCheck, RoomMustBeEnough) {
  SpaceFacts facts;
  facts.known = true;
  facts.free_bytes = 100;
  facts.needed_bytes = 100;
  EXPECT_TRUE(check_space("/q", facts).empty());
  facts.needed_bytes = 101;
  EXPECT_TRUE(has(check_space("/q", facts), "space", Severity::stop));
  facts.read_only = true;
  EXPECT_TRUE(has(check_space("/q", facts), "space", Severity::stop));
}

TEST(OwnersCheck, PlacesThatEverybodyMayWriteToAreNamed) {
  const Scratch home;
  home.make_folder("control");
  std::filesystem::permissions(home("control"), std::filesystem::perms(0755));
  EXPECT_FALSE(has(check_modes(home(""), OldPrograms{}, Services{}), "mode", Severity::note));
  std::filesystem::permissions(home("control"), std::filesystem::perms(0777));
  EXPECT_TRUE(has(check_modes(home(""), OldPrograms{}, Services{}), "mode", Severity::note));
}

TEST(OwnersCheck, SecretsThatEverybodyMayReadAreNamed) {
  const Scratch home;
  home.put("control/servercert.pem", "key");
  std::filesystem::permissions(home("control/servercert.pem"), std::filesystem::perms(0644));
  EXPECT_TRUE(
      has(check_modes(home(""), OldPrograms{}, Services{}), "secret-readable", Severity::note));
}

TEST(OwnersCheck, AQueueOfAnotherAccountStops) {
  const Scratch home;
  home.make_folder("queue/mess");
  const auto findings = check_ids(home(""), OldPrograms{});
  EXPECT_TRUE(has(findings, "ids", Severity::stop) ||
              has(findings, "accounts", Severity::stop));
}

TEST(Report, SaysWhatWasFoundAndTheVerdict) {
  Request request;
  request.home = "/q";
  Inspection inspection;
  inspection.version = "netqmail";
  inspection.findings = {
      about("/q/control/badrcptto", "control-file", Severity::loss, "is \"ignored\"", "")};
  const std::string text = report_text(request, inspection);
  EXPECT_NE(text.find("old programs: netqmail\n"), std::string::npos);
  EXPECT_NE(text.find("control/badrcptto is \"ignored\"\n"), std::string::npos);
  EXPECT_TRUE(text.ends_with("\nverdict: stop\n"));
  const std::string json = report_json(request, inspection);
  EXPECT_NE(json.find("\"is \\\"ignored\\\"\""), std::string::npos) << json;
  request.accept_loss = true;
  EXPECT_TRUE(report_text(request, inspection).ends_with("\nverdict: go with notes\n"));
}

TEST(About, WordsForAPerson) {
  EXPECT_EQ(counted(1, "message"), "1 message");
  EXPECT_EQ(counted(0, "message"), "0 messages");
  EXPECT_EQ(visible("a\x1b"
                    "b\n"),
            "a?b?");
}

}  // namespace
}  // namespace reqmail::survey
