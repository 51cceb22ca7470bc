#include "filter/milter_edit.h"

#include <gtest/gtest.h>

#include <string>

namespace reqmail::filter {
namespace {

using Kind = MessageEdit::Kind;
using namespace std::string_literals;

std::optional<MessageEdit> edit(char letter, const std::string& data,
                                std::uint32_t actions = milter_action::kAll) {
  return milter_edit(MilterPacket{letter, data}, actions);
}

TEST(MilterEdit, HasTheKindOfItsLetter) {
  const struct {
    char letter;
    std::string data;
    Kind kind;
  } kRows[] = {
      {'h', "A\0b\0"s, Kind::add_field},           {'i', "\0\0\0\2A\0b\0"s, Kind::insert_field},
      {'m', "\0\0\0\1A\0\0"s, Kind::change_field}, {'+', "<a@b>\0"s, Kind::add_recipient},
      {'2', "<a@b>\0X=y\0"s, Kind::add_recipient}, {'-', "a@b\0"s, Kind::delete_recipient},
      {'e', "<>\0"s, Kind::change_sender},         {'q', "why\0"s, Kind::quarantine},
  };

  for (const auto& row : kRows) {
    const auto found = edit(row.letter, row.data);
    ASSERT_TRUE(found) << row.letter;
    EXPECT_EQ(found->kind, row.kind) << row.letter;
  }
  EXPECT_FALSE(edit('b', "A\0b\0"s));
}

TEST(MilterEdit, HasIndexNameAndValueOfAField) {
  const auto found = edit('m', "\0\0\1\2Subject\0 two words\0"s);
  ASSERT_TRUE(found);
  EXPECT_EQ(found->index, 258U);
  EXPECT_EQ(found->name, "Subject");
  EXPECT_EQ(found->value, " two words");
}

TEST(MilterEdit, IsOnlyWhatTheMilterHasSaidThatItWouldDo) {
  EXPECT_FALSE(edit('h', "A\0b\0"s, milter_action::kAll & ~milter_action::kAddFields));
  EXPECT_TRUE(edit('h', "A\0b\0"s, milter_action::kAddFields));
  EXPECT_FALSE(edit('2', "a@b\0"s, milter_action::kAddRecipients));
  EXPECT_FALSE(edit('q', "why\0"s, 0));
}

TEST(MilterEdit, OfAFieldNeedsAnIndexANameAndAValue) {
  EXPECT_FALSE(edit('m', "\0\0\1"s));
  EXPECT_FALSE(edit('i', "\0\0\0\1"s));
  EXPECT_FALSE(edit('h', "A\0"s));
  EXPECT_FALSE(edit('h', "A\0b\0c\0"s));
  EXPECT_FALSE(edit('h', "A b\0c\0"s));
  EXPECT_FALSE(edit('h', "A\0b"s)) << "without NUL at the end";
}

TEST(MilterEdit, OfAnAddressNeedsAUsableOne) {
  EXPECT_EQ(edit('+', "<a@b>\0"s)->value, "a@b");
  EXPECT_EQ(edit('e', "<>\0"s)->value, "");
  EXPECT_FALSE(edit('+', "<>\0"s)) << "nobody";
  EXPECT_FALSE(edit('+', "a\n@b\0"s));
  EXPECT_FALSE(edit('-', ""s));
  EXPECT_TRUE(edit('e', std::string(899, 'a') + '\0'));
  EXPECT_FALSE(edit('e', std::string(900, 'a') + '\0'));
}

}  // namespace
}  // namespace reqmail::filter
