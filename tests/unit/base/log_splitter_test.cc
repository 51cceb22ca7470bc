// Lines split into pieces for syslog.
#include "base/log_splitter.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace reqmail::base {
namespace {

using namespace std::string_literals;

std::vector<LogPiece> pieces_of(const std::string& text, std::size_t cut) {
  LogSplitter splitter;
  std::vector<LogPiece> pieces;
  for (std::size_t at = 0; at < text.size(); at += cut) {
    std::string_view input = std::string_view(text).substr(at, cut);
    while (!input.empty()) {
      if (auto piece = splitter.take(input)) {
        pieces.push_back(*piece);
      }
    }
  }
  if (auto piece = splitter.rest()) {
    pieces.push_back(*piece);
  }
  return pieces;
}

// Returns "P text" or "P+text" for each piece, where P is the initial of the priority and '+'
// means that it continues a line.
std::vector<std::string> shown(const std::string& text, std::size_t cut = 1000000) {
  std::vector<std::string> out;
  for (const LogPiece& piece : pieces_of(text, cut)) {
    const char* priority = piece.priority == LogPriority::alert     ? "a"
                           : piece.priority == LogPriority::warning ? "w"
                                                                    : "i";
    out.push_back(priority + std::string(piece.continued ? "+" : " ") + piece.text);
  }
  return out;
}

using Lines = std::vector<std::string>;

TEST(LogSplitter, PrioritiesByTheBeginningOfALine) {
  EXPECT_EQ(shown("one\nwarning: two\nalert: three\nalert\n alert: x\nAlert: y\n"),
            (Lines{"i one", "w warning: two", "a alert: three", "i alert", "i  alert: x",
                   "i Alert: y"}));
}

TEST(LogSplitter, MasksAndSkips) {
  EXPECT_EQ(shown("\n\na\tb\0c\x7f\r\n\n\xe9~\n"s), (Lines{"i a?b?c??", "i ?~"}));
}

TEST(LogSplitter, LongLines) {
  const std::string full(kLogPieceMax, 'x');
  EXPECT_EQ(shown(full + "\nnext\n"), (Lines{"i " + full, "i next"}));
  EXPECT_EQ(shown(full + "y\nnext\n"), (Lines{"i " + full, "i+y", "i next"}));
  const std::string alert = "alert: " + std::string(2000, 'x');
  const auto pieces = shown(alert + "\nplain\n");
  ASSERT_EQ(pieces.size(), 4U);
  EXPECT_EQ(pieces[0], "a " + alert.substr(0, kLogPieceMax));
  EXPECT_EQ(pieces[1], "a+" + alert.substr(kLogPieceMax, kLogPieceMax));
  EXPECT_EQ(pieces[3], "i plain");
}

TEST(LogSplitter, LastLineWithoutItsEndIsNotLost) {
  EXPECT_EQ(shown("one\nwarning: cut"), (Lines{"i one", "w warning: cut"}));
  EXPECT_EQ(shown("one\n"), (Lines{"i one"}));
  EXPECT_EQ(shown(""), Lines{});
}

TEST(LogSplitter, CutsDoNotMatter) {
  const std::string text = "alert: a\n\n" + std::string(1700, 'x') + "\nwarning: b\n" +
                           std::string(799, 'y') + "\nz";
  const auto expected = shown(text);
  for (const std::size_t cut : {1, 2, 7, 798, 799, 800, 4096}) {
    EXPECT_EQ(shown(text, cut), expected) << cut;
  }
}

}  // namespace
}  // namespace reqmail::base
