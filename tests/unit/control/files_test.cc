// What a program gets from its control files: the defaults of the table, and sticky failures.
#include "control/files.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <fstream>

#include "mail/idna.h"
#include "tests/unit/support/with_libidn2.h"

namespace reqmail::control {
namespace {

using Lines = std::vector<std::string>;

constexpr KnownFile row(std::string_view name, Kind kind, Fallback fallback_kind,
                        std::string_view fallback = "", std::uint64_t number = 0) {
  return {name, kind, fallback_kind, fallback, number, Effect::next_run, "", "", "", ""};
}

// The rows of a table for this test, which shows that a program gets what a row says.
constexpr KnownFile kFixedLine = row("fixedline", Kind::line, Fallback::fixed, "fixed");
constexpr KnownFile kMeLine = row("meline", Kind::line, Fallback::me, "meline");
constexpr KnownFile kMeOnly = row("meonly", Kind::line, Fallback::me);
constexpr KnownFile kPlainLine = row("plainline", Kind::line, Fallback::none);
constexpr KnownFile kNumber = row("number", Kind::number, Fallback::fixed, "", 17);
constexpr KnownFile kOtherNumber = row("othernumber", Kind::number, Fallback::fixed, "", 4);
constexpr KnownFile kDerived = row("derived", Kind::number, Fallback::derived);
constexpr KnownFile kList = row("list", Kind::list, Fallback::none);
constexpr KnownFile kMeList = row("melist", Kind::list, Fallback::me);

// Runs in a home of its own, which is the current directory.
class Files : public ::testing::Test {
 protected:
  void SetUp() override {
    ASSERT_NE(::mkdtemp(home_.data()), nullptr);
    ASSERT_EQ(::chdir(home_.c_str()), 0);
    ASSERT_EQ(::mkdir("control", 0755), 0);
  }

  void TearDown() override {
    (void)!::chdir("/");
    (void)!std::system(("rm -rf " + home_).c_str());
  }

  static void put(const std::string& name, std::string_view text) {
    std::ofstream("control/" + name, std::ios::binary) << text;
  }

  // Makes a directory, which cannot be read as a file.
  static void make_unreadable(const std::string& name) {
    ASSERT_EQ(::mkdir(("control/" + name).c_str(), 0755), 0);
  }

  std::string home_ = "/tmp/control-files-test.XXXXXX";
};

TEST_F(Files, DefaultsAreThoseOfTheRow) {
  ControlFiles files;
  EXPECT_EQ(files.line(LineNameWithDefault(kFixedLine)), "fixed");
  EXPECT_EQ(files.line(LineNameWithDefault(kMeLine)), "meline");
  EXPECT_EQ(files.line_if_any(LineName(kFixedLine)), "fixed");
  EXPECT_EQ(files.line_if_any(LineName(kMeOnly)), std::nullopt);
  EXPECT_EQ(files.line_if_any(LineName(kPlainLine)), std::nullopt);
  EXPECT_EQ(files.number(NumberNameWithDefault(kNumber)), 17U);
  EXPECT_EQ(files.number(NumberNameWithDefault(kOtherNumber)), 4U);
  EXPECT_EQ(files.number_if_any(NumberName(kDerived)), std::nullopt);
  EXPECT_EQ(files.list(ListName(kList)), std::nullopt);
  EXPECT_EQ(files.list(ListName(kMeList)), std::nullopt);
  EXPECT_EQ(files.me(), std::nullopt);
  EXPECT_FALSE(files.failure()) << "an absent file is no failure";
}

TEST_F(Files, NamesAreThoseOfTheTable) {
  put("me", "me.example\n");
  ControlFiles files;
  EXPECT_EQ(files.number("timeoutremote"), known_file("timeoutremote").fallback_number);
  EXPECT_EQ(files.line("bouncefrom"), known_file("bouncefrom").fallback);
  EXPECT_EQ(files.line("bouncehost"), "me.example");
  EXPECT_EQ(files.required_line("helohost"), "me.example");
  EXPECT_EQ(files.required_list("locals"), Lines{"me.example"});
  EXPECT_EQ(files.line_if_any("smtpdlog"), std::nullopt);
  EXPECT_FALSE(files.failure());
}

TEST_F(Files, EmptyFilesAreNotAbsent) {
  put("me", "me.example\n");
  for (const char* name :
       {"fixedline", "meline", "meonly", "plainline", "number", "derived", "list", "melist"}) {
    put(name, "");
  }
  ControlFiles files;
  EXPECT_EQ(files.line(LineNameWithDefault(kFixedLine)), "");
  EXPECT_EQ(files.line(LineNameWithDefault(kMeLine)), "");
  EXPECT_EQ(files.required_line(LineName(kMeOnly)), "");
  EXPECT_EQ(files.line_if_any(LineName(kPlainLine)), "");
  EXPECT_EQ(files.number(NumberNameWithDefault(kNumber)), 17U) << "it has no number";
  EXPECT_EQ(files.number_if_any(NumberName(kDerived)), std::nullopt);
  EXPECT_EQ(files.list(ListName(kList)), Lines());
  EXPECT_EQ(files.required_list(ListName(kMeList)), Lines());
  put("me", "");
  EXPECT_EQ(ControlFiles().me(), "");
  EXPECT_FALSE(files.failure());
}

TEST_F(Files, GarbageAndNul) {
  using namespace std::string_view_literals;
  put("number", "many\n");
  put("othernumber", "20k\n");
  put("derived", " 7\n");
  put("plainline", "a\0b \t\nsecond\n"sv);
  put("list", "#c\n\n x\0y \t\n\0z\n"sv);
  ControlFiles files;
  EXPECT_EQ(files.number(NumberNameWithDefault(kNumber)), 17U);
  EXPECT_EQ(files.number(NumberNameWithDefault(kOtherNumber)), 20U);
  EXPECT_EQ(files.number_if_any(NumberName(kDerived)), std::nullopt);
  EXPECT_EQ(files.line_if_any(LineName(kPlainLine)), "a\0b"sv);
  EXPECT_EQ(files.list(ListName(kList)), (Lines{" x", "y"}));
  EXPECT_FALSE(files.failure());
}

TEST_F(Files, DomainsHaveALabelsWithSmtpUtf8) {
  put("badmailfrom", "@b\u00fccher.example\nann@a.example\n");
  EXPECT_FALSE(ControlFiles().utf8());
  EXPECT_EQ(ControlFiles().domain_list("badmailfrom"),
            Lines({"@b\u00fccher.example", "ann@a.example"}));
  EXPECT_EQ(ControlFiles().domain_list("badhelo"), std::nullopt);
  put("smtputf8", "1\n");
  EXPECT_TRUE(ControlFiles().utf8());
  if (mail::can_convert_u_labels()) {
    EXPECT_EQ(ControlFiles().domain_list("badmailfrom"),
              Lines({"@xn--bcher-kva.example", "ann@a.example"}));
  }
}

TEST_F(Files, MeIsReadOnceAndBeforeWhatFallsBackToIt) {
  put("me", "me.example\n");
  ControlFiles files;
  EXPECT_EQ(files.line(LineNameWithDefault(kMeLine)), "me.example");
  put("me", "other.example\n");
  EXPECT_EQ(files.me(), "me.example");
  EXPECT_EQ(files.line_if_any(LineName(kMeOnly)), "me.example");
  EXPECT_EQ(files.list(ListName(kMeList)), Lines{"me.example"});
  put("meline", "own.example \n");
  EXPECT_EQ(files.line(LineNameWithDefault(kMeLine)), "own.example");
  put("melist", "");
  EXPECT_EQ(files.list(ListName(kMeList)), Lines());
}

TEST_F(Files, AnUnreadableMeFailsEvenIfItIsNotNeeded) {
  make_unreadable("me");
  put("meline", "own.example\n");
  ControlFiles files;
  EXPECT_EQ(files.line(LineNameWithDefault(kMeLine)), "meline") << "not opened any more";
  ASSERT_TRUE(files.failure());
  EXPECT_EQ(files.failure()->name, "me");
  EXPECT_EQ(files.failure()->error, EISDIR);
}

TEST_F(Files, MeIsNotReadForOthers) {
  make_unreadable("me");
  ControlFiles files;
  EXPECT_EQ(files.number(NumberNameWithDefault(kNumber)), 17U);
  EXPECT_EQ(files.list(ListName(kList)), std::nullopt);
  EXPECT_EQ(files.line(LineNameWithDefault(kFixedLine)), "fixed");
  EXPECT_FALSE(files.failure());
}

TEST_F(Files, TheFirstFailureStays) {
  make_unreadable("number");
  make_unreadable("list");
  put("othernumber", "5\n");
  put("plainline", "text\n");
  put("melist", "entry\n");
  ControlFiles files;
  EXPECT_EQ(files.line_if_any(LineName(kPlainLine)), "text");
  EXPECT_FALSE(files.failure());
  EXPECT_EQ(files.number(NumberNameWithDefault(kNumber)), 17U);
  ASSERT_TRUE(files.failure());
  // All later files count as absent, because they are not opened.
  EXPECT_EQ(files.number(NumberNameWithDefault(kOtherNumber)), 4U);
  EXPECT_EQ(files.line_if_any(LineName(kPlainLine)), std::nullopt);
  EXPECT_EQ(files.list(ListName(kList)), std::nullopt);
  EXPECT_EQ(files.required_list(ListName(kMeList)), Lines());
  EXPECT_EQ(files.required_line(LineName(kMeOnly)), "");
  files.fail("other", EACCES);
  EXPECT_EQ(files.failure()->name, "number");
  EXPECT_EQ(files.failure()->error, EISDIR);
}

TEST_F(Files, WhatIsRequiredAndAbsentIsAFailure) {
  ControlFiles lines;
  EXPECT_EQ(lines.required_line(LineName(kMeOnly)), "");
  ASSERT_TRUE(lines.failure());
  EXPECT_EQ(lines.failure()->name, "meonly");
  EXPECT_EQ(lines.failure()->error, ENOENT);
  ControlFiles lists;
  EXPECT_EQ(lists.required_list(ListName(kMeList)), Lines());
  ASSERT_TRUE(lists.failure());
  EXPECT_EQ(lists.failure()->name, "melist");
  put("meonly", "one\n");
  put("melist", "two\n");
  ControlFiles files;
  EXPECT_EQ(files.required_line(LineName(kMeOnly)), "one");
  EXPECT_EQ(files.required_list(ListName(kMeList)), Lines{"two"});
  EXPECT_FALSE(files.failure());
}

TEST_F(Files, ForSomeProgramsUnreadableIsAbsent) {
  make_unreadable("number");
  put("othernumber", "5\n");
  ControlFiles files(ControlFiles::Unreadable::is_absent);
  EXPECT_EQ(files.number(NumberNameWithDefault(kNumber)), 17U);
  EXPECT_EQ(files.number(NumberNameWithDefault(kOtherNumber)), 5U) << "the next one is read";
  EXPECT_FALSE(files.failure());
}

TEST_F(Files, BelowAHomeWithAKnownMe) {
  put("me", "changed.example\n");
  put("list", "a\n");
  ASSERT_EQ(::chdir("/"), 0);
  ControlFiles files(home_, std::optional<std::string>("me.example"));
  EXPECT_EQ(files.me(), "me.example");
  EXPECT_EQ(files.list(ListName(kMeList)), Lines{"me.example"});
  EXPECT_EQ(files.list(ListName(kList)), Lines{"a"});
  ControlFiles nameless(home_, std::nullopt);
  EXPECT_EQ(nameless.list(ListName(kMeList)), std::nullopt);
  EXPECT_FALSE(files.failure() || nameless.failure());
}

TEST_F(Files, NamesThatAreNotInTheDirectoryCountAsAbsent) {
  put("plainline", "here\n");
  put("me", "host.example\n");
  ControlFiles files;
  files.look_for_names();
  EXPECT_TRUE(files.may_exist("plainline"));
  EXPECT_FALSE(files.may_exist("list"));
  EXPECT_TRUE(ControlFiles().may_exist("list"));
  EXPECT_EQ(files.line_if_any(LineName(kPlainLine)), "here");
  EXPECT_EQ(files.line(LineNameWithDefault(kMeLine)), "host.example");
  EXPECT_EQ(files.number(NumberNameWithDefault(kNumber)), 17U);
  // The list is made once.
  put("list", "late\n");
  EXPECT_EQ(files.list(ListName(kList)), std::nullopt);
  EXPECT_FALSE(files.failure());
}

TEST_F(Files, ADirectoryThatCannotBeListedIsNoTrouble) {
  ASSERT_EQ(::rmdir("control"), 0);
  ControlFiles files;
  files.look_for_names();
  ASSERT_EQ(::mkdir("control", 0755), 0);
  put("plainline", "here\n");
  EXPECT_EQ(files.line_if_any(LineName(kPlainLine)), "here");
}

}  // namespace
}  // namespace reqmail::control
