// The steps of a message on its way into a maildir.
#include "local/new_message.h"

#include <gtest/gtest.h>

#include <string>

#include "tests/unit/local/support.h"

namespace reqmail::local {
namespace {

class NewMessageTest : public ::testing::Test {
 protected:
  void SetUp() override { make_maildir("M"); }

  static void write(NewMessage& file) {
    const sys::Fd input = message_with("a: b\n");
    MessageFile message(input.get());
    ASSERT_TRUE(message.rewind());
    ASSERT_TRUE(file.create());
    ASSERT_TRUE(file.write({"", "R\n", "D\n"}, message));
    ASSERT_TRUE(file.sync());
  }

  const TemporaryHome home_;
};

TEST_F(NewMessageTest, StaysOnceItIsKept) {
  {
    NewMessage file("./M/", 1);
    write(file);
    EXPECT_EQ(names_in("M/tmp").size(), 1U);
    EXPECT_TRUE(names_in("M/new").empty());
    ASSERT_TRUE(file.move());
    EXPECT_TRUE(names_in("M/tmp").empty());
    const auto directory = open_new("./M/");
    ASSERT_TRUE(directory && directory->valid());
    ASSERT_TRUE(sync_new(*directory, file.fd()));
    file.keep();
  }
  ASSERT_EQ(names_in("M/new").size(), 1U);
  EXPECT_EQ(content_of("M/new/" + names_in("M/new")[0]), "R\nD\na: b\n");
}

TEST_F(NewMessageTest, GoesAtEveryOtherPoint) {
  {
    NewMessage file("./M/", 1);
    write(file);
  }
  EXPECT_TRUE(names_in("M/tmp").empty());
  {
    NewMessage file("./M/", 2);
    write(file);
    ASSERT_TRUE(file.move());
  }
  EXPECT_TRUE(names_in("M/new").empty());
}

TEST_F(NewMessageTest, SeveralOfOneProcessHaveNamesOfTheirOwn) {
  NewMessage one("./M/", 1);
  NewMessage other("./M/", 2);
  write(one);
  write(other);
  EXPECT_EQ(names_in("M/tmp").size(), 2U);
}

TEST_F(NewMessageTest, WhatIsNoMaildir) {
  EXPECT_FALSE(check_maildir("./none/"));
  EXPECT_TRUE(check_maildir("./M/"));
  EXPECT_FALSE(open_new("./none/"));
  EXPECT_FALSE(NewMessage("./none/", 1).create());
}

}  // namespace
}  // namespace reqmail::local
