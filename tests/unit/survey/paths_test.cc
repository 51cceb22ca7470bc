#include "survey/paths.h"

#include <gtest/gtest.h>

#include <cerrno>
#include <filesystem>
#include <string>

#include "tests/unit/support/scratch.h"

namespace reqmail::survey {
namespace {

using tests::Scratch;

TEST(Paths, ALinkToNothingIsThere) {
  const Scratch home;
  std::filesystem::create_symlink("nowhere", home("link"));
  EXPECT_TRUE(is_there(home("link")));
  EXPECT_FALSE(is_there(home("nowhere")));
  EXPECT_EQ(link_target(home("link")).value_or(""), "nowhere");
  EXPECT_EQ(real_path(home("link")).error().error, ENOENT);
}

TEST(Paths, InodesPlacesAndContents) {
  const Scratch home;
  home.put("a", "text");
  home.put("copy", "text");
  home.put("other", "textX");
  std::filesystem::create_hard_link(home("a"), home("hard"));
  std::filesystem::create_symlink("a", home("soft"));
  EXPECT_TRUE(same_inode(home("a"), home("hard")));
  EXPECT_FALSE(same_inode(home("a"), home("soft")));
  EXPECT_TRUE(same_place(home("a"), home("soft")));
  EXPECT_FALSE(same_place(home("a"), home("copy")));
  EXPECT_TRUE(same_file(home("a"), home("copy")));
  EXPECT_FALSE(same_file(home("a"), home("other")));
  EXPECT_FALSE(same_file(home("a"), home("none")));
  EXPECT_TRUE(is_directory(home("")));
  EXPECT_FALSE(is_directory(home("a")));
  EXPECT_EQ(real_path(home("soft")).value_or(""), real_path(home("a")).value_or("?"));
}

}  // namespace
}  // namespace reqmail::survey
