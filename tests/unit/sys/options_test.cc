#include "sys/options.h"

#include <gtest/gtest.h>

namespace reqmail::sys {
namespace {

using Words = std::vector<std::string>;

// Returns "a", "f=value", "?x" (unknown) or "!f" (value missing) for each option, then the
// other words.
Words parse(Words words, std::string_view letters) {
  std::vector<char*> argv;
  words.insert(words.begin(), "program");
  for (std::string& word : words) {
    argv.push_back(word.data());
  }
  Options options(static_cast<int>(argv.size()), argv.data(), letters);
  Words seen;
  while (const auto option = options.next()) {
    const std::string letter(1, option->letter);
    switch (option->kind) {
    case Option::Kind::known:
      seen.push_back(option->value.empty() ? letter : letter + "=" + option->value);
      break;
    case Option::Kind::unknown:
      seen.push_back("?" + letter);
      break;
    case Option::Kind::missing_value:
      seen.push_back("!" + letter);
      break;
    }
  }
  seen.emplace_back("|");
  const Words rest = options.rest();
  seen.insert(seen.end(), rest.begin(), rest.end());
  return seen;
}

TEST(Options, LettersAndValues) {
  EXPECT_EQ(parse({"-ab", "-fx", "-f", "y", "z"}, "abf:"),
            (Words{"a", "b", "f=x", "f=y", "|", "z"}));
  EXPECT_EQ(parse({"-afx"}, "af:"), (Words{"a", "f=x", "|"}));
}

TEST(Options, StopsAtTheFirstOtherWord) {
  EXPECT_EQ(parse({"-a", "word", "-b"}, "ab"), (Words{"a", "|", "word", "-b"}));
  EXPECT_EQ(parse({"-", "-a"}, "a"), (Words{"|", "-", "-a"}));
  EXPECT_EQ(parse({"-a", "--", "-b"}, "ab"), (Words{"a", "|", "-b"}));
  EXPECT_EQ(parse({""}, "a"), (Words{"|", ""}));
  EXPECT_EQ(parse({}, "a"), (Words{"|"}));
}

TEST(Options, UnknownAndMissing) {
  EXPECT_EQ(parse({"-x"}, "a"), (Words{"?x", "|"}));
  EXPECT_EQ(parse({"-ax"}, "a"), (Words{"a", "?x", "|"}));
  EXPECT_EQ(parse({"-f"}, "f:"), (Words{"!f", "|"}));
  EXPECT_EQ(parse({"-:"}, "f:"), (Words{"?:", "|"}));
}

TEST(Options, EmptyValueIsAValue) {
  EXPECT_EQ(parse({"-f", "", "x"}, "f:"), (Words{"f", "|", "x"}));
}

TEST(Options, ValueMayLookLikeAnOption) {
  EXPECT_EQ(parse({"-f", "-a", "--"}, "af:"), (Words{"f=-a", "|"}));
}

}  // namespace
}  // namespace reqmail::sys
