#include "sys/file_search.h"

#include <gtest/gtest.h>

#include <cstddef>
#include <string>

#include "tests/unit/support/temporary_home.h"

namespace reqmail::sys {
namespace {

constexpr std::string_view kText = "a text of some length";

bool found(const char* path) {
  const auto answer = regular_file_contains(path, kText);
  EXPECT_TRUE(answer) << path;
  return answer && *answer;
}

TEST(FileSearch, FindsTheTextWhereverItIs) {
  const testing::TemporaryHome home;
  constexpr std::size_t kPiece = 16384;
  for (const std::size_t at : {std::size_t{0}, kPiece - kText.size(), kPiece - kText.size() + 1,
                               kPiece - 1, kPiece, 3 * kPiece - 5}) {
    testing::put_file("file", std::string(at, 'r') + std::string(kText) + "tail");
    EXPECT_TRUE(found("file")) << at;
    testing::put_file("file", std::string(at, 'r') + std::string(kText.substr(1)) + "tail");
    EXPECT_FALSE(found("file")) << at;
  }
}

TEST(FileSearch, SaysWhatIsNotThere) {
  const testing::TemporaryHome home;
  testing::put_file("empty", "");
  EXPECT_FALSE(found("empty"));
  testing::put_file("short", std::string(kText.substr(0, 5)));
  EXPECT_FALSE(found("short"));
  EXPECT_FALSE(regular_file_contains("missing", kText));
}

}  // namespace
}  // namespace reqmail::sys
