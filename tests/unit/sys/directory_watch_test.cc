// Changes in a directory.
#include "sys/directory_watch.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <string>

#include "sys/clock.h"
#include "tests/unit/support/scratch.h"

namespace reqmail::sys {
namespace {

class Watch : public ::testing::Test {
 protected:
  // Waits until the last changes are so old that they are believed to be the last ones.
  void settle() {
    while (watch_.changed()) {
      pause_for(std::chrono::milliseconds(100));
    }
  }

  tests::Scratch scratch_;
  DirectoryWatch watch_{scratch_("")};
};

TEST_F(Watch, TheFirstLookIsAChange) {
  EXPECT_TRUE(watch_.changed());
}

TEST_F(Watch, EveryKindOfChangeIsNoticed) {
  (void)scratch_.put("a", "one");
  (void)scratch_.put("b", "one");
  settle();
  EXPECT_FALSE(watch_.changed());
  (void)scratch_.put("a", "two");
  EXPECT_TRUE(watch_.changed());
  settle();
  ASSERT_EQ(::rename(scratch_("a").c_str(), scratch_("b").c_str()), 0);
  EXPECT_TRUE(watch_.changed());
  settle();
  ASSERT_EQ(::chmod(scratch_("b").c_str(), 0), 0);
  EXPECT_TRUE(watch_.changed());
  settle();
  ASSERT_EQ(::unlink(scratch_("b").c_str()), 0);
  EXPECT_TRUE(watch_.changed());
}

TEST_F(Watch, TheTargetOfALinkCounts) {
  const tests::Scratch other;
  (void)other.put("target", "one");
  ASSERT_EQ(::symlink(other("target").c_str(), scratch_("link").c_str()), 0);
  settle();
  (void)other.put("target", "two");
  EXPECT_TRUE(watch_.changed());
}

TEST_F(Watch, ARecentChangeMayBeFollowedByAnother) {
  (void)scratch_.put("a", "one");
  EXPECT_TRUE(watch_.changed());
  EXPECT_TRUE(watch_.changed());
}

TEST_F(Watch, ADirectoryThatCannotBeListedAlwaysCounts) {
  DirectoryWatch absent(scratch_("absent"));
  EXPECT_TRUE(absent.changed());
  EXPECT_TRUE(absent.changed());
}

}  // namespace
}  // namespace reqmail::sys
