#include "upgrade/todo_layout.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include "tests/unit/upgrade/scratch.h"

namespace {

using namespace reqmail::upgrade;  // NOLINT(google-build-using-namespace)
using reqmail::tests::Scratch;

// Message 1007 with its envelope in both places, 1008 with an unfinished one in intd alone.
void plant(const Scratch& home) {
  home.put("queue/intd/18/1007", "F\0T");
  (void)make_directories(home("queue/todo/18"), 0750);
  (void)make_directories(home("queue/todo/22"), 0750);
  ASSERT_EQ(::link(home("queue/intd/18/1007").c_str(), home("queue/todo/18/1007").c_str()), 0);
  home.put("queue/intd/19/1008", "u1");
}

TEST(TodoLayout, AFlatOneIsNone) {
  const Scratch home;
  home.put("queue/todo/1007", "F");
  home.put("queue/intd/1007", "F");
  const auto layout = find_todo_layout(home(""));
  ASSERT_TRUE(layout);
  EXPECT_FALSE(*layout);
}

TEST(TodoLayout, ThereAndBack) {
  const Scratch home;
  plant(home);
  const auto layout = find_todo_layout(home(""));
  ASSERT_TRUE(layout);
  ASSERT_TRUE(*layout);
  EXPECT_EQ((*layout)->split, 23U);
  EXPECT_EQ((*layout)->todo.mode, 0750U);
  for (int time = 0; time < 2; ++time) {
    ASSERT_TRUE(flatten_todo(home("")));
    EXPECT_TRUE(home.has("queue/todo/1007"));
    EXPECT_TRUE(same_inode(home("queue/todo/1007"), home("queue/intd/1007")));
    EXPECT_EQ(home.get("queue/intd/1008"), "u1");
    EXPECT_FALSE(home.has("queue/todo/18"));
    EXPECT_FALSE(home.has("queue/intd/19"));
  }
  for (int time = 0; time < 2; ++time) {
    ASSERT_TRUE(divide_todo(home(""), **layout));
    EXPECT_TRUE(same_inode(home("queue/todo/18/1007"), home("queue/intd/18/1007")));
    EXPECT_FALSE(home.has("queue/todo/1007"));
    EXPECT_TRUE(home.has("queue/todo/0"));
    EXPECT_TRUE(home.has("queue/intd/22"));
  }
}

TEST(TodoLayout, AStrangerIsNamed) {
  const Scratch home;
  plant(home);
  home.put("queue/intd/18/README", "x");
  const auto layout = find_todo_layout(home(""));
  ASSERT_FALSE(layout);
  EXPECT_NE(layout.error().text.find("queue/intd/18/README"), std::string::npos);
}

TEST(TodoLayout, NoMessageGoesOverAnother) {
  const Scratch home;
  plant(home);
  home.put("queue/todo/1007", "another message");
  EXPECT_FALSE(flatten_todo(home("")));
  EXPECT_EQ(home.get("queue/todo/1007"), "another message");
  EXPECT_TRUE(home.has("queue/todo/18/1007"));
}

TEST(TodoLayout, AnUnfinishedMoveIsFinished) {
  const Scratch home;
  plant(home);
  ASSERT_EQ(::link(home("queue/todo/18/1007").c_str(), home("queue/todo/1007").c_str()), 0);
  ASSERT_TRUE(flatten_todo(home("")));
  EXPECT_TRUE(home.has("queue/todo/1007"));
  EXPECT_FALSE(home.has("queue/todo/18"));
}

}  // namespace
