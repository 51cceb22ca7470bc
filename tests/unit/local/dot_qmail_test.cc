#include "local/dot_qmail.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <variant>

namespace reqmail::local {
namespace {

std::string text_of(const Instruction& instruction) {
  struct Visitor {
    std::string operator()(const Forward& forward) const {
      return "forward " + forward.address;
    }

    std::string operator()(const Maildir& maildir) const { return "maildir " + maildir.path; }

    std::string operator()(const Mbox& mbox) const { return "mbox " + mbox.path; }

    std::string operator()(const Program& program) const {
      return "program " + program.command;
    }

    std::string operator()(const ForwardOnly&) const { return "forward only"; }
  };

  return std::visit(Visitor(), instruction);
}

std::string parsed(std::string_view text) {
  const auto instructions = parse_dot_qmail(text);
  if (!instructions) {
    return instructions.error().text;
  }
  std::string all;
  for (const Instruction& instruction : *instructions) {
    all += "[" + text_of(instruction) + "]";
  }
  return all;
}

constexpr std::string_view kBlank = "Uh-oh: first line of .qmail file is blank. (#4.2.1)";

TEST(ParseDotQmail, KnowsEveryKind) {
  EXPECT_EQ(parsed("# x\n./Mail/box\n/abs/Maildir/\n|cat | wc  -l\n&a@b\nc@d\n+list\n+other\n"),
            "[mbox ./Mail/box][maildir /abs/Maildir/][program cat | wc  -l][forward a@b]"
            "[forward c@d][forward only]");
}

TEST(ParseDotQmail, EmptyArguments) {
  EXPECT_EQ(parsed(".\n|\n&\n./\n/\n+\n"),
            "[mbox .][program ][forward ][maildir ./][maildir /]");
}

TEST(ParseDotQmail, TrimsTheEndOfALineOnly) {
  EXPECT_EQ(parsed("./a \t \n|echo x  \n& a \n\t./b\n+list \n"),
            "[mbox ./a][program echo x][forward  a][forward \t./b][forward only]");
}

TEST(ParseDotQmail, CarriageReturnsBelongToTheLine) {
  EXPECT_EQ(parsed("./a\r\n./b/\r\n&c\r\n"), "[mbox ./a\r][mbox ./b/\r][forward c\r]");
}

TEST(ParseDotQmail, LastLineNeedsNoLineFeed) {
  EXPECT_EQ(parsed("./a\n./b/"), "[mbox ./a][maildir ./b/]");
}

TEST(ParseDotQmail, BlankFirstLineDefers) {
  for (const std::string_view text : {"", "\n./a\n", " \t\n./a\n", "\n"}) {
    EXPECT_EQ(parsed(text), kBlank);
    EXPECT_EQ(parse_dot_qmail(text).error().permanence, Permanence::temporary);
  }
}

TEST(ParseDotQmail, BlankLaterLinesAreIgnored) {
  EXPECT_EQ(parsed("./a\n\n \t\n./b\n"), "[mbox ./a][mbox ./b]");
}

TEST(ParseDotQmail, NulEndsALine) {
  EXPECT_EQ(parsed(std::string_view("./a\0b\n\0./c\n|d\0\n", 15)), "[mbox ./a][program d]");
  EXPECT_EQ(parsed(std::string_view("\0./c\n", 5)), kBlank);
}

}  // namespace
}  // namespace reqmail::local
