#include "auth/user_file.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <string>
#include <vector>

#include "auth/user_database.h"
#include "base/text.h"
#include "sys/cdb.h"

namespace reqmail::auth {
namespace {

constexpr const char* kText =
    "# comment\n\nJoe@X:$6$a$b:1:1::/:\nann:*:2:2::/:\n#joe@x\n.\nrest:of the file\n";

UserFile parsed(UserFileKind kind, std::string_view text) {
  auto file = UserFile::parse(kind, text);
  EXPECT_TRUE(file) << file.error().text;
  return std::move(*file);
}

TEST(UserFile, TextStaysAsItIs) {
  EXPECT_EQ(parsed(UserFileKind::passwd, kText).text(), kText);
  EXPECT_EQ(UserFile(UserFileKind::passwd).text(), ".\n");
  EXPECT_EQ(parsed(UserFileKind::secrets, "joe:x\n").text(), "joe:x\n");
}

TEST(UserFile, Edits) {
  UserFile file = parsed(UserFileKind::passwd, kText);
  EXPECT_EQ(file.find("joe@x"), "Joe@X:$6$a$b:1:1::/:");
  EXPECT_EQ(file.find("Ann"), std::nullopt);
  EXPECT_EQ(file.find("rest"), std::nullopt);
  file.put("JOE@X", "Joe@X:*:3:3::/:");
  file.put("new", "new:*:4:4::/:");
  EXPECT_EQ(file.text(),
            "# comment\n\nJoe@X:*:3:3::/:\nann:*:2:2::/:\n#joe@x\nnew:*:4:4::/:\n.\nrest:of "
            "the file\n");
  EXPECT_TRUE(file.remove("joe@X"));
  EXPECT_FALSE(file.remove("joe@X"));
  EXPECT_EQ(file.find("new"), "new:*:4:4::/:");
  EXPECT_TRUE(file.remove("new"));
  EXPECT_EQ(file.entries(), std::vector<std::string_view>{"ann:*:2:2::/:"});
}

TEST(UserFile, WhatIsWrong) {
  const std::vector<std::pair<std::string, std::string>> texts = {
      {"", "users/passwd: no line with a dot at its end: the file is not complete"},
      {"a:*:1:1::/:\n",
       "users/passwd: no line with a dot at its end: the file is not complete"},
      {"a:*:1:1::/:", "users/passwd:1: the line has no end"},
      {"#\na:*:1:1::/:\nb\n.\n", "users/passwd:3: not login:hash:uid:gid:gecos:home:shell"},
      {"a@x:*:1:1::/:\n#\nA@X:*:1:1::/:\n.\n",
       "users/passwd:3: the login A@X has line 1 already"},
  };
  for (const auto& [text, problem] : texts) {
    const auto file = UserFile::parse(UserFileKind::passwd, text);
    ASSERT_FALSE(file) << text;
    EXPECT_EQ(file.error().text, problem);
  }
}

TEST(UserFile, DatabaseHasLoginsAndCosts) {
  char path[] = "/tmp/reqmail-users.XXXXXX";
  const sys::Fd fd(::mkstemp(path));
  auto writer = sys::CdbWriter::start(fd.get());
  ASSERT_TRUE(writer);
  ASSERT_TRUE(parsed(UserFileKind::passwd, kText).compile(*writer));
  auto reader = sys::CdbReader::open(path);
  ::unlink(path);
  ASSERT_TRUE(reader);
  EXPECT_EQ(*reader->find("joe@x"), "$6$a$b:1:1::/:");
  EXPECT_EQ(*reader->find("ann"), "*:2:2::/:");
  EXPECT_EQ(*reader->find("rest"), std::nullopt);
  EXPECT_EQ(*reader->find(kAddressCosts), std::string("$6$a$\0", 6));
  EXPECT_EQ(*reader->find(kAccountCosts), "");
}

TEST(UserDatabase, AMissingFileHasNobody) {
  auto database = UserDatabase::open("/nowhere/passwd.cdb");
  ASSERT_TRUE(database);
  const auto user = database->find_user("joe");
  ASSERT_TRUE(user);
  EXPECT_FALSE(*user);
  EXPECT_TRUE(database->settings(kAddressCosts)->empty());
}

}  // namespace
}  // namespace reqmail::auth
