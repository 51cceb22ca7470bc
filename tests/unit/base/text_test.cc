#include "base/text.h"

#include <gtest/gtest.h>

namespace reqmail::base {
namespace {

using Pieces = std::vector<std::string_view>;

TEST(Text, Concat) {
  EXPECT_EQ(concat({}), "");
  EXPECT_EQ(concat({"a", "", std::string_view("\0b", 2)}), std::string("a\0b", 3));
}

TEST(Text, Split) {
  EXPECT_EQ(split("", ':'), Pieces{""});
  EXPECT_EQ(split("a:b", ':'), (Pieces{"a", "b"}));
  EXPECT_EQ(split(":a:", ':'), (Pieces{"", "a", ""}));
}

TEST(Text, Lines) {
  EXPECT_EQ(lines(""), Pieces{});
  EXPECT_EQ(lines("\n"), Pieces{""});
  EXPECT_EQ(lines("a\nb"), (Pieces{"a", "b"}));
  EXPECT_EQ(lines("a\n\nb\n"), (Pieces{"a", "", "b"}));
}

TEST(Text, LogSafe) {
  std::string all;
  for (int c = 0; c < 256; ++c) {
    all += static_cast<char>(c);
  }
  const std::string safe = log_safe(all);
  ASSERT_EQ(safe.size(), all.size());
  for (std::size_t i = 0; i < all.size(); ++i) {
    const bool kept = i >= 33 && i <= 126 && i != '%';
    EXPECT_EQ(safe[i], kept ? all[i] : '_') << i;
  }
}

TEST(Text, Printable) {
  EXPECT_EQ(printable("a b%\x1B\x7F\xE4"), "a?b%???");
}

TEST(Text, NamesThatMayBecomePartOfAPath) {
  EXPECT_TRUE(is_safe_name("mail.example.net"));
  EXPECT_TRUE(is_safe_name("a_b-c.1"));
  EXPECT_TRUE(is_safe_name(std::string(255, 'a')));
  for (const std::string& name :
       {std::string(), std::string("."), std::string(".."), std::string(".hidden"),
        std::string("a/b"), std::string("../x"), std::string("a b"), std::string("a\0b", 3),
        std::string("\xc3\xa4"), std::string("a\n"), std::string(256, 'a')}) {
    EXPECT_FALSE(is_safe_name(name)) << name;
  }
}

}  // namespace
}  // namespace reqmail::base
