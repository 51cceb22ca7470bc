// Edits of a header: what changes, and that nothing else does.
#include "mail/header_text.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace reqmail::mail {
namespace {

constexpr std::string_view kHeader =
    "Received: one\n"
    "Subject : first\n folded\n"
    "received: two\n"
    "X:\n";

std::vector<std::string> names(const HeaderText& header) {
  std::vector<std::string> found;
  header.each([&](const HeaderText::Field& field) { found.emplace_back(field.name); });
  return found;
}

TEST(HeaderText, CutsTheHeaderIntoFields) {
  const HeaderText header{std::string(kHeader)};
  EXPECT_EQ(names(header), (std::vector<std::string>{"Received", "Subject", "received", "X"}));
  std::string all;
  header.each([&](const HeaderText::Field& field) { all += field.raw; });
  EXPECT_EQ(all, kHeader);
  EXPECT_EQ(header.fields(), kHeader);
  EXPECT_TRUE(names(HeaderText()).empty());
}

TEST(HeaderText, ALineThatIsNoFieldEndsTheFields) {
  const HeaderText header("From x Mon\nA: 1\nno field\nB: 2\n");
  EXPECT_EQ(header.fields(), "From x Mon\nA: 1\n");
  EXPECT_EQ(names(header), (std::vector<std::string>{"", "A", "", "B"}));
  EXPECT_EQ(HeaderText(" folded\nA: 1\n").fields(), "");
}

TEST(HeaderText, RemovesFieldsAfterSuchALineToo) {
  HeaderText header("A: 1\n more\nB: 2\nno field\na: 3\nC: 4");
  header.remove_if(
      [](const HeaderText::Field& field) { return field.name == "A" || field.name == "a"; });
  EXPECT_EQ(header.text(), "B: 2\nno field\nC: 4");
}

TEST(HeaderText, InsertsBeforeTheFieldOfThatNumber) {
  HeaderText header("A: 1\n more\nB: 2\n");
  header.insert(1, "M: m\n");
  EXPECT_EQ(header.text(), "A: 1\n more\nM: m\nB: 2\n");
  header.insert(0, "T: t\n");
  EXPECT_EQ(header.text(), "T: t\nA: 1\n more\nM: m\nB: 2\n");
  header.insert(99, "E: e\n");
  EXPECT_EQ(header.text(), "T: t\nA: 1\n more\nM: m\nB: 2\nE: e\n");
}

TEST(HeaderText, AppendsBeforeWhatIsNoField) {
  HeaderText header("A: 1\nno field\n");
  header.append("B: 2\n");
  EXPECT_EQ(header.text(), "A: 1\nB: 2\nno field\n");
}

TEST(HeaderText, ReplacesTheFieldOfThatNameAndNumber) {
  HeaderText header{std::string(kHeader)};
  EXPECT_TRUE(header.replace("RECEIVED", 1, "Received: 2\n"));
  EXPECT_TRUE(header.replace("subject", 0, ""));
  EXPECT_EQ(header.text(), "Received: one\nReceived: 2\nX:\n");
  EXPECT_FALSE(header.replace("received", 2, "Received: 3\n"));
  EXPECT_FALSE(header.replace("Y", 0, "Y: 3\n"));
  EXPECT_EQ(header.text(), "Received: one\nReceived: 2\nX:\n");
}

std::string added(const HeaderText& header) {
  std::string fields;
  header.each([&](const HeaderText::Field& field) { fields += field.added ? field.raw : ""; });
  return fields;
}

TEST(HeaderText, RemembersWhatEditsHaveAdded) {
  HeaderText header("A: 1\nB: 2\nC: 3\nno field\nD: 4\n");
  EXPECT_EQ(added(header), "");
  header.append("E: 5\n");
  header.put_on_top("T: t\n");
  header.insert(2, "M: m\n folded\n");
  EXPECT_TRUE(header.replace("c", 0, "C: longer\n"));
  EXPECT_EQ(header.text(),
            "T: t\nA: 1\nM: m\n folded\nB: 2\nC: longer\nE: 5\nno field\nD: 4\n");
  EXPECT_EQ(added(header), "T: t\nM: m\n folded\nC: longer\nE: 5\n");
  EXPECT_TRUE(header.replace("a", 0, ""));
  EXPECT_TRUE(header.replace("m", 0, "M: n\n"));
  EXPECT_EQ(added(header), "T: t\nM: n\nC: longer\nE: 5\n");
  EXPECT_TRUE(header.replace("t", 0, ""));
  header.remove_if([](const HeaderText::Field& field) { return field.name == "B"; });
  EXPECT_EQ(added(header), "M: n\nC: longer\nE: 5\n");
  header.remove_after_fields();
  EXPECT_EQ(header.text(), "M: n\nC: longer\nE: 5\n");
  EXPECT_EQ(added(header), header.text());
}

TEST(HeaderText, EqualFieldsAreToldApart) {
  HeaderText header("A: 1\nA: 1\n");
  EXPECT_TRUE(header.replace("A", 0, ""));
  header.insert(0, "A: 1\n");
  header.remove_if([](const HeaderText::Field& field) { return !field.added; });
  EXPECT_EQ(header.text(), "A: 1\n");
  EXPECT_EQ(added(header), "A: 1\n");
}

TEST(HeaderText, AFoldedLineAtTheTopContinuesNothing) {
  for (const char* const text : {" folded\nA: 1\n", "\tfolded\n"}) {
    HeaderText header{std::string(text)};
    header.separate_folded_top();
    header.put_on_top("T: t\n");
    EXPECT_EQ(header.text(), "T: t\n\n" + std::string(text));
    EXPECT_EQ(header.fields(), "T: t\n");
  }
  for (const char* const text : {"A: 1\n", "", "no field\n"}) {
    HeaderText header{std::string(text)};
    header.separate_folded_top();
    EXPECT_EQ(header.text(), text);
  }
}

}  // namespace
}  // namespace reqmail::mail
