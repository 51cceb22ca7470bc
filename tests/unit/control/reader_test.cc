#include "control/reader.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <fstream>
#include <limits>

namespace reqmail::control {
namespace {

using Lines = std::vector<std::string>;

// Runs in a home of its own, which is the current directory.
class Control : public ::testing::Test {
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

  static std::optional<std::string> line(std::string_view text) {
    put("x", text);
    auto read = read_line("control/x");
    EXPECT_TRUE(read.has_value());
    return *read;
  }

  static std::optional<std::uint64_t> number(std::string_view text) {
    put("x", text);
    auto read = read_number("control/x");
    EXPECT_TRUE(read.has_value());
    return *read;
  }

  static std::optional<Lines> all(std::string_view text) {
    put("x", text);
    auto read = read_lines("control/x");
    EXPECT_TRUE(read.has_value());
    return *read;
  }

 private:
  std::string home_ = "/tmp/control-test.XXXXXX";
};

TEST_F(Control, AbsentIsNoError) {
  auto one = read_line("control/none");
  ASSERT_TRUE(one.has_value());
  EXPECT_EQ(*one, std::nullopt);
  auto many = read_lines("control/none");
  ASSERT_TRUE(many.has_value());
  EXPECT_EQ(*many, std::nullopt);
  auto count = read_number("control/none");
  ASSERT_TRUE(count.has_value());
  EXPECT_EQ(*count, std::nullopt);
}

TEST_F(Control, UnreadableIsAFailureWithItsErrno) {
  ASSERT_EQ(::mkdir("control/x", 0755), 0);
  EXPECT_EQ(read_line("control/x").error().error, EISDIR);
  EXPECT_EQ(read_lines("control/x").error().error, EISDIR);
  EXPECT_EQ(read_number("control/x").error().error, EISDIR);
  ASSERT_EQ(::symlink("loop", "control/loop"), 0);
  EXPECT_EQ(read_line("control/loop").error().error, ELOOP);
}

TEST_F(Control, Line) {
  EXPECT_EQ(line("a.example\nb\n"), "a.example");
  EXPECT_EQ(line("a.example \t \n"), "a.example");
  EXPECT_EQ(line("no line end"), "no line end");
  EXPECT_EQ(line(" leading blank stays"), " leading blank stays");
  EXPECT_EQ(line("# no comment here"), "# no comment here");
  EXPECT_EQ(line(""), "");
  EXPECT_EQ(line("\nsecond"), "");
  EXPECT_EQ(line(std::string_view("a\0b\n", 4)), std::string("a\0b", 3));
}

TEST_F(Control, ANulSeparatesEntriesOfAListButBelongsToALine) {
  const std::string_view text("a\0b \n# c\n\n \t\nd\0\n", 16);
  EXPECT_EQ(all(text), (Lines{"a", "b", "d", ""}));
  EXPECT_EQ(**read_whole_lines("control/x"),
            (Lines{std::string("a\0b", 3), std::string("d\0", 2)}));
  EXPECT_EQ(*read_whole_lines("control/none"), std::nullopt);
}

TEST_F(Control, Number) {
  EXPECT_EQ(number("42\n"), 42U);
  EXPECT_EQ(number("20k\n"), 20U);
  EXPECT_EQ(number("007"), 7U);
  EXPECT_EQ(number("many"), std::nullopt);
  EXPECT_EQ(number(" 7"), std::nullopt);
  EXPECT_EQ(number(""), std::nullopt);
  EXPECT_EQ(number("99999999999999999999"), std::numeric_limits<std::uint64_t>::max());
}

TEST_F(Control, LinesWithoutCommentsAndBlanks) {
  EXPECT_EQ(all("a\n\n  \t\n#c\nb \t\n"), (Lines{"a", "b"}));
  EXPECT_EQ(all("a\nlast"), (Lines{"a", "last"}));
  EXPECT_EQ(all(" #is no comment\n"), Lines{" #is no comment"});
  EXPECT_EQ(all(""), Lines{});
}

TEST_F(Control, NulSeparatesEntriesOfALine) {
  using namespace std::string_view_literals;
  EXPECT_EQ(all("x\0y \n#\0z\n"sv), (Lines{"x", "y"}));
  EXPECT_EQ(all("\0x\ny\0\0z\0\n"sv), (Lines{"y", "", "z", ""}));
}

}  // namespace
}  // namespace reqmail::control
