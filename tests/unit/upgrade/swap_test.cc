#include "upgrade/swap.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include "tests/unit/support/scratch.h"
#include "upgrade/disk.h"
#include "upgrade/gate.h"
#include "upgrade/places.h"
#include "upgrade/program_table.h"

namespace {

using namespace reqmail::upgrade;  // NOLINT(google-build-using-namespace)
using reqmail::tests::Scratch;
namespace survey = reqmail::survey;

constexpr const char* kSet[] = {"qmail-start",  "qmail-send",   "qmail-clean",
                                "qmail-lspawn", "qmail-rspawn", "qmail-queue"};

// A home with old programs, and new ones staged next to them.
class SwapTest : public ::testing::Test {
 protected:
  void SetUp() override {
    const Access mine = {::getuid(), ::getgid(), 0755};
    for (const char* name : kSet) {
      home_.put(std::string("bin/") + name, std::string("old ") + name);
      files_.push_back({{phase_of(name), true, places_.program(name)},
                        "",
                        std::string("new ") + name,
                        mine});
    }
    home_.put("bin/vchkpw", "mine");
    files_.push_back({{Phase::injectors, false, places_.program("qmail-smtpd-tls")},
                      "",
                      "new qmail-smtpd-tls",
                      mine});
    for (const NewFile& file : files_) {
      puts_.push_back(file.put);
    }
    ASSERT_TRUE(swap_.keep());
    ASSERT_TRUE(swap_.stage(files_));
  }

  std::string bin(const std::string& name) { return home_.get("bin/" + name); }

  Scratch home_;
  Places places_{home_(""), "now"};
  std::vector<NewFile> files_;
  std::vector<Put> puts_;
  Swap swap_{places_, puts_};
};

TEST_F(SwapTest, KeepsAllAndChangesNothing) {
  EXPECT_EQ(bin("qmail-send"), "old qmail-send");
  EXPECT_TRUE(survey::same_inode(home_("bin/vchkpw"), home_("bin.old.now/vchkpw")));
  ASSERT_TRUE(swap_.discard());
  EXPECT_FALSE(home_.has("bin.old.now"));
  EXPECT_FALSE(home_.has("upgrade/now"));
  EXPECT_FALSE(home_.has("bin/.qmail-send.qmail-upgrade"));
}

TEST_F(SwapTest, NoFolderIsLeftOfATry) {
  const Access mine = {::getuid(), ::getgid(), 0644};
  const NewFile page{{Phase::papers, false, home_("man/man8/x.8")}, "", "page", mine};
  const std::vector<Put> puts = {page.put};
  Swap swap(places_, puts);
  (void)make_directories(home_("man/man8"), 0755);
  ASSERT_TRUE(swap.stage({page}));
  EXPECT_TRUE(home_.has("man/man8/.x.8.qmail-upgrade"));
  ASSERT_TRUE(swap.discard());
  EXPECT_FALSE(home_.has("man"));
}

TEST_F(SwapTest, DaemonsComeLastAndGoBack) {
  ASSERT_TRUE(swap_.put(Phase::settings, Phase::programs));
  EXPECT_EQ(bin("qmail-queue"), "new qmail-queue");
  EXPECT_EQ(bin("qmail-send"), "old qmail-send");
  for (int time = 0; time < 2; ++time) {
    ASSERT_TRUE(swap_.put_daemons());
    EXPECT_EQ(bin("qmail-start"), "new qmail-start");
    EXPECT_EQ(bin("qmail-send"), "new qmail-send");
  }
  ASSERT_TRUE(swap_.check_old_files());
  for (int time = 0; time < 2; ++time) {
    ASSERT_TRUE(swap_.undo(Phase::settings, Phase::programs));
    ASSERT_TRUE(swap_.undo_daemons());
    ASSERT_TRUE(swap_.remove_new(Phase::settings, Phase::papers, ""));
    for (const char* name : kSet) {
      EXPECT_TRUE(survey::same_inode(home_(std::string("bin/") + name),
                                     home_(std::string("bin.old.now/") + name)));
    }
    EXPECT_FALSE(home_.has("bin/qmail-smtpd-tls"));
    EXPECT_FALSE(home_.has("bin.new.now"));
  }
}

TEST_F(SwapTest, AMissingOldFileIsNamed) {
  ASSERT_TRUE(swap_.put(Phase::settings, Phase::programs));
  ASSERT_TRUE(remove_if_there(home_("bin.old.now/qmail-queue")));
  const auto complete = swap_.check_old_files();
  ASSERT_FALSE(complete);
  EXPECT_NE(complete.error().text.find("bin.old.now/qmail-queue"), std::string::npos);
}

// The restored file has another inode, as if the old files had to be copied.
TEST_F(SwapTest, AnEditOutlivesARollbackThatIsRunAgain) {
  const Access mine = {::getuid(), ::getgid(), 0644};
  home_.put("control/smtproutes", "old");
  const std::string target = home_("control/smtproutes");
  const NewFile file{{Phase::settings, true, target}, "", "new", mine};
  const std::vector<Put> puts = {file.put};
  Swap swap(places_, puts);
  ASSERT_TRUE(swap.keep());
  ASSERT_TRUE(copy_file(target, home_("copy"), std::nullopt));
  ASSERT_TRUE(rename_file(home_("copy"), places_.old_of(target)));
  ASSERT_TRUE(swap.stage({file}));
  ASSERT_TRUE(swap.put(Phase::settings, Phase::settings));
  EXPECT_EQ(home_.get("control/smtproutes"), "new");
  home_.put("control/smtproutes", "edited");
  for (int time = 0; time < 2; ++time) {
    Swap again(places_, puts);
    ASSERT_TRUE(again.undo(Phase::settings, Phase::settings));
    EXPECT_EQ(home_.get("control/smtproutes"), "old");
    // The killed run has not reported it.
    ASSERT_EQ(again.changed().size(), 1U);
    EXPECT_EQ(again.changed()[0].target, target);
    home_.put("control/smtproutes.old", "");
    ASSERT_TRUE(copy_file(target, home_("control/smtproutes.old"), std::nullopt));
    ASSERT_TRUE(rename_file(home_("control/smtproutes.old"), target));
    std::string kept = again.changed()[0].kept;
    EXPECT_EQ(home_.get(kept.substr(home_("").size())), "edited");
  }
}

TEST(Phases, TheQueueProgramComesFirstAndQmailStartLast) {
  EXPECT_EQ(phase_of("qmail-queue"), Phase::queue);
  EXPECT_EQ(phase_of("qmail-inject"), Phase::injectors);
  EXPECT_EQ(phase_of("qmail-remote"), Phase::programs);
  EXPECT_EQ(phase_of("qmail-lspawn"), Phase::daemons);
  EXPECT_EQ(phase_of("qmail-start"), Phase::start);
}

TEST(StagedName, LiesBesideItsTarget) {
  EXPECT_EQ(staged_name("/q/bin/x"), "/q/bin/.x.qmail-upgrade");
}

// One control file to be converted, and one to be made.
class SettingsTest : public ::testing::Test {
 protected:
  void SetUp() override {
    home_.put("bin/x", "x");
    home_.put("control/smtproutes", "old");
    const Access mine = {::getuid(), ::getgid(), 0644};
    files_ = {{{Phase::settings, true, home_("control/smtproutes"), content_mark("old")},
               "",
               "converted",
               mine},
              {{Phase::settings, false, home_("control/made")}, "", "new", mine}};
    for (const NewFile& file : files_) {
      puts_.push_back(file.put);
    }
    ASSERT_TRUE(swap_.keep());
    ASSERT_TRUE(swap_.stage(files_));
  }

  void roll_back() {
    ASSERT_TRUE(swap_.drop_staged());
    ASSERT_TRUE(swap_.undo(Phase::settings, Phase::settings));
    ASSERT_TRUE(swap_.remove_new(Phase::settings, Phase::settings, ""));
  }

  Scratch home_;
  Places places_{home_(""), "now"};
  std::vector<NewFile> files_;
  std::vector<Put> puts_;
  Swap swap_{places_, puts_};
};

TEST_F(SettingsTest, ArePutWhileTheyAreAsTheyWere) {
  ASSERT_TRUE(swap_.check_settings());
  ASSERT_TRUE(swap_.put(Phase::settings, Phase::settings));
  ASSERT_TRUE(swap_.check_settings());  // an installed setting is not examined again
  EXPECT_EQ(home_.get("control/smtproutes"), "converted");
  roll_back();
  EXPECT_EQ(home_.get("control/smtproutes"), "old");
  EXPECT_FALSE(home_.has("control/made"));
}

TEST_F(SettingsTest, ANewerFileIsNamedAndStays) {
  const std::string target = home_("control/smtproutes");
  ASSERT_TRUE(rename_file(home_.put("control/.tmp", "newer"), target));
  EXPECT_EQ(swap_.check_settings().error().text.rfind(target + " was changed", 0), 0U);
  home_.put("control/made", "by hand");
  roll_back();
  roll_back();
  EXPECT_EQ(home_.get("control/smtproutes"), "newer");
  EXPECT_EQ(home_.get("control/made"), "by hand");
}

TEST_F(SettingsTest, AnEditInPlaceIsSeen) {
  home_.put("control/smtproutes", "new");
  EXPECT_FALSE(swap_.check_settings());
}

TEST_F(SettingsTest, AFileThatCameMeanwhileIsSeen) {
  home_.put("control/made", "by hand");
  EXPECT_FALSE(swap_.check_settings());
}

TEST_F(SettingsTest, ARollbackThatWasKilledIsFinished) {
  ASSERT_TRUE(swap_.put(Phase::settings, Phase::settings));
  // In the middle of a rollback the old file has the staged name.
  const std::string target = home_("control/smtproutes");
  ASSERT_TRUE(keep_file(places_.old_of(target), staged_name(target)));
  roll_back();
  EXPECT_EQ(home_.get("control/smtproutes"), "old");
  EXPECT_FALSE(home_.has("control/made"));
}

TEST(Gate, RunsAWholeSet) {
  const Scratch home;
  EXPECT_TRUE(is_gate(home.put("gate", gate_text("/q/bin.old.now"))));
  EXPECT_NE(home.get("gate").find("exec '/q/bin.old.now/qmail-start' \"$@\"\n"),
            std::string::npos);
  EXPECT_FALSE(is_gate(home.put("other", "#!/bin/sh\nexec qmail-start\n")));
  EXPECT_FALSE(is_gate(home("none")));
}

}  // namespace
