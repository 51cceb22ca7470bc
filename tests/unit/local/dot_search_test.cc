#include "local/dot_search.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace reqmail::local {
namespace {

// Returns every name with the position of "default" in the extension.
std::string names_of(std::string_view dash, std::string_view ext) {
  DotQmailNames names(dash, ext);
  std::string all;
  while (const auto name = names.next()) {
    all += name->file;
    if (name->default_from) {
      all += "@" + std::to_string(*name->default_from);
    }
    all += " ";
  }
  return all;
}

TEST(FileExtension, IsLowerCaseWithoutDots) {
  EXPECT_EQ(file_extension("A.b-C..D"), "a:b-c::d");
  EXPECT_EQ(file_extension("../x"), "::/x");
}

TEST(DotQmailNames, WholeThenDefaults) {
  EXPECT_EQ(names_of("-", "a-B-c"),
            ".qmail-a-b-c .qmail-a-b-default@4 .qmail-a-default@2 .qmail-default@0 ");
}

TEST(DotQmailNames, DashesAtTheEnds) {
  EXPECT_EQ(names_of("-", "a-"), ".qmail-a- .qmail-a-default@2 .qmail-default@0 ");
  EXPECT_EQ(names_of("-", "--"),
            ".qmail--- .qmail---default@2 .qmail--default@1 .qmail-default@0 ");
  EXPECT_EQ(names_of("-", ""), ".qmail- .qmail-default@0 ");
}

TEST(DotQmailNames, PlainAddress) {
  EXPECT_EQ(names_of("", ""), ".qmail .qmaildefault@0 ");
}

TEST(DotQmailNames, DefaultFoundByItsOwnName) {
  EXPECT_EQ(names_of("-", "list-DEFAULT"),
            ".qmail-list-default@5 .qmail-list-default@5 .qmail-default@0 ");
  EXPECT_EQ(names_of("-", "default"), ".qmail-default@0 .qmail-default@0 ");
  EXPECT_EQ(names_of("-", "mydefault"), ".qmail-mydefault@2 .qmail-default@0 ");
}

TEST(DotQmailNames, NothingAfterTheLast) {
  DotQmailNames names("-", "x");
  EXPECT_TRUE(names.next());
  EXPECT_TRUE(names.next());
  EXPECT_FALSE(names.next());
  EXPECT_FALSE(names.next());
}

TEST(OwnerNames, UseTheWholeExtension) {
  EXPECT_EQ(owner_name("-", "List.a"), ".qmail-list:a-owner");
  EXPECT_EQ(owner_default_name("-", "list"), ".qmail-list-owner-default");
  EXPECT_EQ(owner_name("", ""), ".qmail-owner");
}

}  // namespace
}  // namespace reqmail::local
