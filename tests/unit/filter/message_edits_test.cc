// The changes that a milter asks for.
#include "filter/message_edits.h"

#include <gtest/gtest.h>

#include <string>

#include "mail/idna.h"
#include "tests/unit/support/with_libidn2.h"

namespace reqmail::filter {
namespace {

using Kind = MessageEdit::Kind;

std::string edited(const std::vector<MessageEdit>& edits, std::string_view header,
                   bool space = true) {
  mail::HeaderText text{std::string(header)};
  edit_header(edits, space, text);
  return text.text();
}

TEST(MessageEdits, FieldsAreAddedInsertedChangedAndRemoved) {
  EXPECT_EQ(edited({{Kind::add_field, 0, "X", "end"},
                    {Kind::insert_field, 0, "Y", "top"},
                    {Kind::insert_field, 2, "Z", "third"},
                    {Kind::change_field, 2, "a", "two"},
                    {Kind::change_field, 1, "B", ""}},
                   "A: 1\nB: b\nA: 2\n"),
            "Y: top\nA: 1\nZ: third\na: two\nX: end\n");
}

TEST(MessageEdits, AFieldThatIsNotThereIsAdded) {
  EXPECT_EQ(edited({{Kind::change_field, 2, "A", "new"}}, "A: 1\n"), "A: 1\nA: new\n");
  EXPECT_EQ(edited({{Kind::change_field, 2, "A", ""}}, "A: 1\n"), "A: 1\n");
  EXPECT_EQ(edited({{Kind::change_field, 0, "A", "x"}}, "A: 1\n"), "A: x\n");
}

TEST(MessageEdits, QuarantineMarksTheMessage) {
  EXPECT_EQ(edited({{Kind::quarantine, 0, "", "looks odd"}}, "A: 1\n"),
            "X-Milter-Quarantine: looks odd\nA: 1\n");
}

TEST(MessageEdits, AValueIsOneFieldAlone) {
  EXPECT_EQ(milter_field("A", "1\r\n two\nB: 3\n\n \nend", true),
            "A: 1\n two\n\tB: 3\n\tend\n");
  EXPECT_EQ(milter_field("A", " 1", false), "A: 1\n");
  EXPECT_EQ(milter_field("A", "", true), "A: \n");
  EXPECT_TRUE(is_field_name("X-A"));
  for (const std::string_view bad : {"", "A B", "A:", "A\n", "\x80"}) {
    EXPECT_FALSE(is_field_name(bad));
  }
}

TEST(MessageEdits, TheEnvelopeIsChanged) {
  std::string sender = "a@b";
  std::string recipients("c@Example\0d@e\0", 14);
  edit_envelope({{Kind::change_sender, 0, "", "x@y"},
                 {Kind::delete_recipient, 0, "", "c@example"},
                 {Kind::delete_recipient, 0, "", "D@e"},
                 {Kind::add_recipient, 0, "", "f@g"}},
                sender, recipients);
  EXPECT_EQ(sender, "x@y");
  EXPECT_EQ(recipients, std::string("d@e\0f@g\0", 8));
  EXPECT_EQ(without_brackets("<a@b>"), "a@b");
  EXPECT_EQ(without_brackets("<>"), "");
  EXPECT_EQ(without_brackets("a@b>"), "a@b>");
}

TEST(MessageEdits, ADomainWithULabelsIsKnownByItsALabels) {
  if (!mail::can_convert_u_labels()) {
    GTEST_SKIP() << "without libidn2";
  }
  std::string sender;
  std::string recipients = std::string("c@b\u00fccher.example") + '\0' + "d@e" + '\0';
  edit_envelope({{Kind::delete_recipient, 0, "", "c@xn--bcher-kva.example"}}, sender,
                recipients);
  EXPECT_EQ(recipients, std::string("d@e\0", 4));
}

}  // namespace
}  // namespace reqmail::filter
