#include "sys/nameless_file.h"

#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/stat.h>

#include <string>
#include <vector>

#include "sys/file.h"
#include "tests/unit/support/temporary_home.h"

namespace reqmail::sys {
namespace {

class NamelessFile : public ::testing::Test {
 protected:
  ~NamelessFile() override { (void)::unsetenv("TMPDIR"); }

  testing::TemporaryHome home_;
};

TEST_F(NamelessFile, HasNoNameAndOneUser) {
  ASSERT_EQ(::setenv("TMPDIR", home_.path().c_str(), 1), 0);
  const auto file = make_nameless_file("x");
  ASSERT_TRUE(file);
  const auto found = status(file->get());
  EXPECT_EQ(found->st_nlink, 0U);
  EXPECT_EQ(found->st_mode & 0777U, 0600U);
  EXPECT_TRUE(testing::names_in(home_.path()).empty());
}

TEST_F(NamelessFile, GoesElsewhereIfADirectoryIsMissing) {
  ASSERT_EQ(::setenv("TMPDIR", "/nowhere", 1), 0);
  EXPECT_EQ(temporary_directories(),
            (std::vector<std::string>{"/nowhere", "/var/tmp", "/tmp"}));
  EXPECT_TRUE(make_nameless_file("x"));
  ASSERT_EQ(::setenv("TMPDIR", "relative", 1), 0);
  EXPECT_EQ(temporary_directories(), (std::vector<std::string>{"/var/tmp", "/tmp"}));
}

}  // namespace
}  // namespace reqmail::sys
