#include "spawn/filter_lines.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <string>

#include "spawn/mail_filter.h"

namespace reqmail::spawn {
namespace {

using Lines = std::vector<std::string>;

std::string command_for(const Lines& lines, FilterSide side, const Lines& domains) {
  std::vector<base::BadLine> bad;
  const auto read = read_filter_lines(lines, bad);
  const FilterLine* const found = find_filter(read, side, domains);
  return found == nullptr ? "" : found->command;
}

TEST(FilterLines, TheFirstForTheDeliveryCounts) {
  const Lines lines = {"A.example:remote:one", "*:local:two", "*:three x"};
  EXPECT_EQ(command_for(lines, FilterSide::remote, {"a.example"}), "one");
  EXPECT_EQ(command_for(lines, FilterSide::remote, {"", "a.example"}), "one");
  EXPECT_EQ(command_for(lines, FilterSide::remote, {"b.example"}), "three x");
  EXPECT_EQ(command_for(lines, FilterSide::local, {"a.example"}), "two");
  EXPECT_EQ(command_for({"a.example:x"}, FilterSide::local, {"b.example"}), "");
}

TEST(FilterLines, Parts) {
  std::vector<base::BadLine> bad;
  const auto lines =
      read_filter_lines({"*:remote:/bin/qmail-dkim -x:ERROR_FD=2,DKIMSIGN=/k/%,X=a:b=c,=y,z",
                         "*:", "x", "*:local:"},
                        bad);
  ASSERT_EQ(lines.size(), 1U);
  EXPECT_EQ(program_of(lines[0]), "qmail-dkim");
  using Pair = std::pair<std::string, std::string>;
  EXPECT_EQ(lines[0].variables,
            (std::vector<Pair>{{"ERROR_FD", "2"}, {"DKIMSIGN", "/k/%"}, {"X", "a:b=c"}}));
  EXPECT_EQ(bad.size(), 3U);
}

TEST(MailFilter, WhatItsExitCodeMeans) {
  const auto verdict = [](const std::string& command) {
    FilterLine line;
    line.command = command;
    return run_filter(line, sys::Environment::current()).verdict;
  };
  EXPECT_EQ(verdict("exit 0"), mail::FilterVerdict::deliver);
  EXPECT_EQ(verdict("exit 2"), mail::FilterVerdict::drop);
  EXPECT_EQ(verdict("exit 100"), mail::FilterVerdict::permanent);
  EXPECT_EQ(verdict("exit 1"), mail::FilterVerdict::temporary);
  EXPECT_EQ(verdict("exit 111"), mail::FilterVerdict::temporary);
  EXPECT_EQ(verdict("kill -9 $$"), mail::FilterVerdict::temporary);
}

TEST(MailFilter, ItsOutputIsTheMessage) {
  FilterLine line;
  line.command = "echo \"$A $B\"; printf 'a\\tb\\nc\\n' >&2";
  line.variables = {{"A", "x"}, {"B", "y"}};
  const auto result = run_filter(line, sys::Environment::current());
  std::string text(10, '\0');
  text.resize(static_cast<std::size_t>(::read(result.message.get(), text.data(), text.size())));
  EXPECT_EQ(text, "x y\n");
  EXPECT_EQ(result.words, "a?b");
  EXPECT_FALSE(result.is_signed);
}

}  // namespace
}  // namespace reqmail::spawn
