// Tokens of structured fields: parsing, refusals, and printing.
#include "mail/token822.h"

#include <gtest/gtest.h>

#include <ctime>
#include <string>

namespace reqmail::mail {
namespace {

using Kind = Token::Kind;

std::vector<Token> read(std::string_view text) {
  auto tokens = tokenize(text);
  EXPECT_TRUE(tokens) << text;
  return tokens.value_or(std::vector<Token>());
}

TEST(Tokenize, KnowsEveryKind) {
  const std::vector<Token> expected = {
      {Kind::quoted, "B \"x"}, {Kind::comment, "a b c"}, {Kind::left_angle, ""},
      {Kind::atom, "bob+x"},   {Kind::at, ""},           {Kind::atom, "a"},
      {Kind::dot, ""},         {Kind::atom, "b"},        {Kind::right_angle, ""},
      {Kind::comma, ""},       {Kind::colon, ""},        {Kind::literal, "192.0.2.1]"},
      {Kind::semicolon, ""},
  };
  EXPECT_EQ(read("\"B \\\"x\" (a (b) c) <bob+x@a . b>,\r\n\t: [192.0.2.1\\]];"), expected);
}

TEST(Tokenize, KeepsLineEndsInsideQuotesCommentsAndLiterals) {
  const std::vector<Token> expected = {
      {Kind::quoted, "a\n b"}, {Kind::comment, "c\r\n d"}, {Kind::literal, "e\n f"}};
  EXPECT_EQ(read("\"a\n b\"(c\r\n d)[e\n f]"), expected);
}

TEST(Tokenize, AtomsTakeWhateverEndsNoAtom) {
  const std::vector<Token> expected = {{Kind::quoted, "a)b]c\x01\x7f\xff"}, {Kind::atom, "d"}};
  EXPECT_EQ(read("a)b]c\x01\x7f\xff d"), expected);
}

TEST(Tokenize, OddBytesMakeAnAtomAQuotedString) {
  for (const char* text : {"a)", "a]", "a\\\\", "a\\\\b", "\\)", "\\]", "a\\\t", "a\\\r",
                           "\x1f", "\x7f", "\x80", "\xc3\xa9+"}) {
    ASSERT_EQ(read(text).size(), 1U) << text;
    EXPECT_EQ(read(text).front().kind, Kind::quoted) << text;
  }
  for (const char* text :
       {"a", "~", "!", "a\\ b", "\\(", "\\[", "\\\"", "\\<", "\\@", "\\.", "\\"}) {
    ASSERT_EQ(read(text).size(), 1U) << text;
    EXPECT_EQ(read(text).front().kind, Kind::atom) << text;
  }
}

TEST(Tokenize, BackslashInAnAtomTakesTheNextByteIn) {
  EXPECT_EQ(read("a\\,b\\ c"), (std::vector<Token>{{Kind::atom, "a,b c"}}));
  EXPECT_EQ(read("DOM\\joe"), (std::vector<Token>{{Kind::atom, "DOMjoe"}}));
  EXPECT_EQ(read("\\b\\\\ob\\("), (std::vector<Token>{{Kind::quoted, "b\\ob("}}));
  EXPECT_EQ(read("b\\\n c"), (std::vector<Token>{{Kind::quoted, "b\n"}, {Kind::atom, "c"}}));
  EXPECT_EQ(read("b\\"), (std::vector<Token>{{Kind::atom, "b"}}));
  EXPECT_EQ(read("@\\"), (std::vector<Token>{{Kind::at, ""}, {Kind::atom, ""}}));
}

TEST(Tokenize, RefusesWhatIsNotClosed) {
  for (const char* text : {"\"bob", "\"bob\\\"", "\"bob\\", "(open", "(a (b)", "(a\\)", "[1.2",
                           "[1\\", ")", "bob )", "]bob", "a ]"}) {
    EXPECT_FALSE(tokenize(text)) << text;
  }
}

TEST(Tokenize, EmptyTextHasNoTokens) {
  EXPECT_TRUE(read("").empty());
  EXPECT_TRUE(read(" \t\r\n").empty());
}

TEST(PrintField, PutsBlanksWhereWordsWouldMerge) {
  EXPECT_EQ(print_field("To", read("a  b . c@d<e>\"f\"(g)[h]i,j:k;l")),
            "To: a b.c@d <e>\"f\" (g) [h] i, j: k;l\n");
  EXPECT_EQ(print_field("To", {}), "To:\n");
  EXPECT_EQ(print_field("To", read(",a,")), "To: , a,\n");
}

TEST(PrintField, EscapesWhatOthersWouldMisread) {
  EXPECT_EQ(print_field("X", read("(\\( \\a \\) [x] \\\\ \\\")")),
            "X: (\\( a \\) \\[x\\] \\\\ \\\")\n");
  EXPECT_EQ(print_field("X", read("d)e")), "X: \"d\\)e\"\n");
  EXPECT_EQ(print_field("X", read("\x01")), "X: \"\x01\"\n");
  EXPECT_EQ(print_field("X", read("\xc3\xa9")), "X: \"\xc3\xa9\"\n");
  EXPECT_EQ(print_field("X", {{Kind::quoted, "a\r\n b"}}), "X: \"a\\\r\\\n b\"\n");
}

TEST(PrintField, ShowsBareWhatABackslashTookIntoAnAtom) {
  EXPECT_EQ(print_field("X", read("a\\,b\\ c\\@d")), "X: a,b c@d\n");
  EXPECT_EQ(print_field("X", read("\\(a\\\"b\\[")), "X: \\(a\\\"b\\[\n");
}

TEST(PrintField, FoldsBehindCommasAtSeventyEightColumns) {
  const std::string first(78 - 11, 'a');  // "To: " + first + ", b@c.d" is 78 columns
  EXPECT_EQ(print_field("To", read(first + ",b@c.d")), "To: " + first + ", b@c.d\n");
  EXPECT_EQ(print_field("To", read(first + "a,b@c.d")), "To: " + first + "a,\n  b@c.d\n");
  // The comma after an element counts as part of it, and so does ';'.
  EXPECT_EQ(print_field("To", read(first + ",b@c.d,")), "To: " + first + ",\n  b@c.d,\n");
  EXPECT_EQ(print_field("To", read(first + ",b@c.d;")), "To: " + first + ",\n  b@c.d;\n");
  // An element that is longer than a line is not divided.
  const std::string huge(200, 'h');
  EXPECT_EQ(print_field("To", read(huge + ",b")), "To: " + huge + ",\n  b\n");
}

TEST(PrintField, IsReadBackAsTheSameTokens) {
  for (const char* text :
       {"a\\(b\\\"", "\"x\\\"\" <a@b.c>, g: d;", "(a (b) c) x@[1.2]", "b\\\\ob@x"}) {
    const auto tokens = read(text);
    std::string printed = print_field("To", tokens);
    EXPECT_EQ(print_field("To", read(std::string_view(printed).substr(3))), printed) << text;
  }
}

TEST(PlainText, HasNeitherQuotesNorComments) {
  EXPECT_EQ(plain_text(read("\"a \\\"b\" (c) . d @ [192.0.2.1] \\ ")), "a \"b.d@[192.0.2.1] ");
  EXPECT_EQ(plain_text(read("<a,b:c;d>")), "<a,b:c;d>");
  EXPECT_EQ(plain_text({}), "");
}

// Returns the processor time that texts take in which a piece is repeated so often.
std::clock_t time_of_hostile_texts(int repetitions) {
  const std::clock_t begin = std::clock();
  for (const char* piece : {"(", ",", "\"\"", "[", "\\", "<", "a ", "@"}) {
    std::string text;
    for (int i = 0; i < repetitions; ++i) {
      text.append(piece);
    }
    if (auto tokens = tokenize(text)) {
      EXPECT_FALSE(print_field("X", *tokens).empty());
    }
  }
  return std::clock() - begin;
}

TEST(Tokenize, TakesTimeInProportionToHostileText) {
  constexpr int kTimes = 8;
  const auto once = time_of_hostile_texts(20000);
  const auto often = time_of_hostile_texts(20000 * kTimes);
  // It would be 64 times as much if the time grew with the square of the length.
  EXPECT_LT(often, 3 * kTimes * once);
}

}  // namespace
}  // namespace reqmail::mail
