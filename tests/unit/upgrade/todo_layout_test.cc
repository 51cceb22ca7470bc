#include "upgrade/todo_layout.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include "sys/directory.h"
#include "tests/unit/support/scratch.h"

namespace {

using namespace reqmail::upgrade;  // NOLINT(google-build-using-namespace)
using reqmail::tests::Scratch;
namespace survey = reqmail::survey;

// Adds message 1007 with its envelope in both places, and 1008 with an unfinished envelope only
// in intd.
void plant(const Scratch& home) {
  (void)make_directories(home("queue/pid"), 0700);
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
    EXPECT_TRUE(survey::same_inode(home("queue/todo/1007"), home("queue/intd/1007")));
    // In intd it would block every message that gets the number.
    EXPECT_FALSE(home.has("queue/intd/1008"));
    const auto aside = reqmail::sys::list_directory(home("queue/pid"));
    ASSERT_EQ(aside->size(), 1U);
    EXPECT_EQ(home.get("queue/pid/" + aside->front()), "u1");
    EXPECT_FALSE(home.has("queue/todo/18"));
    EXPECT_FALSE(home.has("queue/intd/19"));
  }
  for (int time = 0; time < 2; ++time) {
    ASSERT_TRUE(make_todo_directories(home(""), **layout));
    ASSERT_TRUE(divide_todo(home(""), **layout, Moved::everything));
    EXPECT_TRUE(survey::same_inode(home("queue/todo/18/1007"), home("queue/intd/18/1007")));
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
  const auto flat = flatten_todo(home(""));
  ASSERT_FALSE(flat);
  EXPECT_NE(flat.error().text.find("two messages with the number 1007"), std::string::npos);
  EXPECT_EQ(home.get("queue/todo/1007"), "another message");
  EXPECT_TRUE(home.has("queue/todo/18/1007"));
}

// Of two envelopes with one number, the one that todo does not have is a rest.
TEST(TodoLayout, ARestGivesWayToAMessage) {
  const Scratch home;
  plant(home);
  home.put("queue/intd/1007", "rest");
  home.put("queue/intd/1008", "other rest");
  ASSERT_TRUE(flatten_todo(home("")));
  EXPECT_TRUE(survey::same_inode(home("queue/todo/1007"), home("queue/intd/1007")));
  EXPECT_EQ(home.get("queue/todo/1007"), "F");
  EXPECT_EQ(home.get("queue/intd/1008"), "other rest");
  EXPECT_FALSE(home.has("queue/intd/19"));
  const auto names = reqmail::sys::list_directory(home("queue/pid"));
  EXPECT_EQ(names->size(), 2U);
}

TEST(TodoLayout, ARestGivesWayOnTheWayBack) {
  const Scratch home;
  (void)make_directories(home("queue/pid"), 0700);
  const TodoLayout layout{23, {::getuid(), ::getgid(), 0750}, {::getuid(), ::getgid(), 0700}};
  home.put("queue/intd/1007", "F");
  (void)make_directories(home("queue/todo"), 0750);
  ASSERT_EQ(::link(home("queue/intd/1007").c_str(), home("queue/todo/1007").c_str()), 0);
  home.put("queue/intd/18/1007", "rest of one that gave up");
  ASSERT_TRUE(make_todo_directories(home(""), layout));
  ASSERT_TRUE(divide_todo(home(""), layout, Moved::messages));
  EXPECT_TRUE(survey::same_inode(home("queue/todo/18/1007"), home("queue/intd/18/1007")));
  EXPECT_EQ(home.get("queue/intd/18/1007"), "F");
}

// A qmail-queue that is still writing its envelope finds it in its place.
TEST(TodoLayout, AnEnvelopeWithoutMessageStaysUntilItsProgramHasEnded) {
  const Scratch home;
  const TodoLayout layout{23, {::getuid(), ::getgid(), 0750}, {::getuid(), ::getgid(), 0700}};
  (void)make_directories(home("queue/todo"), 0750);
  home.put("queue/intd/1007", "u1");
  ASSERT_TRUE(make_todo_directories(home(""), layout));
  ASSERT_TRUE(divide_todo(home(""), layout, Moved::messages));
  EXPECT_TRUE(home.has("queue/intd/1007"));
  ASSERT_EQ(::link(home("queue/intd/1007").c_str(), home("queue/todo/1007").c_str()), 0);
  ASSERT_TRUE(divide_todo(home(""), layout, Moved::messages));
  EXPECT_TRUE(survey::same_inode(home("queue/todo/18/1007"), home("queue/intd/18/1007")));
  home.put("queue/intd/1008", "u1");
  ASSERT_TRUE(divide_todo(home(""), layout, Moved::everything));
  EXPECT_TRUE(home.has("queue/intd/19/1008"));
}

// A link that qmailq puts there must not be followed.
TEST(TodoLayout, ALinkInThePlaceOfADirectoryIsNotFollowed) {
  const Scratch home;
  plant(home);
  home.put("elsewhere/18/1009", "another's");
  (void)remove_tree(home("queue/intd"));
  ASSERT_EQ(::symlink(home("elsewhere").c_str(), home("queue/intd").c_str()), 0);
  EXPECT_FALSE(flatten_todo(home("")));
  EXPECT_FALSE(find_todo_layout(home("")));
  EXPECT_TRUE(home.has("elsewhere/18/1009"));
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
