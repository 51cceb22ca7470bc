#include "survey/queue_check.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <string>
#include <vector>

#include "base/number.h"
#include "tests/unit/support/scratch.h"

namespace reqmail::survey {
namespace {

using std::string_literals::operator""s;
using tests::Scratch;

void make_queue(const Scratch& home, unsigned split) {
  for (const char* kind : {"mess", "info", "local", "remote"}) {
    for (unsigned i = 0; i < split; ++i) {
      home.make_folder("queue/"s + kind + "/" + base::decimal(i));
    }
  }
  for (const char* name : {"todo", "intd", "bounce", "lock"}) {
    home.make_folder("queue/"s + name);
  }
}

TEST(QueueCheck, QueuesAreCounted) {
  const Scratch home;
  make_queue(home, 7);
  home.put("queue/mess/3/10", "");  // 10 % 7
  home.put("queue/mess/3/11", "");
  home.put("queue/mess/3/name", "");
  home.put("queue/todo/10", "");
  home.put("queue/bounce/10", "");
  const QueueFacts facts = look_at_queue(home("queue"), OldPrograms{});
  EXPECT_EQ(facts.split, 7U);
  EXPECT_EQ(facts.messages, 2U);
  EXPECT_EQ(facts.misplaced, 1U);
  EXPECT_EQ(facts.renumbered, 2U);
  EXPECT_EQ(facts.unprocessed, 1U);
  EXPECT_EQ(facts.bounces, 1U);
  EXPECT_FALSE(facts.todo_split || facts.intd_split);
  EXPECT_TRUE(facts.holes.empty());
  EXPECT_EQ(facts.broken_locks.size(), 3U);
}

TEST(QueueCheck, QueuesOfPatches) {
  const Scratch home;
  make_queue(home, 3);
  home.put("queue/todo/0/3", "");
  home.put("queue/intd/0/3", "");
  home.put("queue/suppl0/1/4", "");
  ASSERT_GT(std::filesystem::remove_all(home("queue/local/1")), 0U);
  const QueueFacts facts = look_at_queue(home("queue"), OldPrograms{});
  EXPECT_TRUE(facts.todo_split && facts.intd_split);
  EXPECT_EQ(facts.unprocessed, 1U);
  EXPECT_EQ(facts.channels, (std::vector<std::string>{"suppl0"}));
  EXPECT_EQ(facts.in_channels, 1U);
  EXPECT_EQ(facts.holes, (std::vector<std::string>{"local/1"}));
  EXPECT_FALSE(look_at_queue(home("none"), OldPrograms{}).present);
}

}  // namespace
}  // namespace reqmail::survey
