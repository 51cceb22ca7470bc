// The end of a header, and the fields in it.
#include "mail/header_reader.h"

#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <vector>

#include "mail/header_field.h"

namespace reqmail::mail {
namespace {

struct Parsed {
  std::vector<std::string> fields;
  HeaderEnd end = HeaderEnd::none;
  std::string body;
};

// Parses the message in pieces of `size` bytes.
Parsed parse(std::string_view message, std::size_t size) {
  Parsed parsed;
  HeaderReader reader([&parsed](std::string_view field) -> Result<void> {
    parsed.fields.emplace_back(field);
    return {};
  });
  std::string rest;
  for (std::size_t at = 0; at < message.size(); at += size) {
    const std::string_view piece = message.substr(at, size);
    const std::size_t taken = reader.ended() ? 0 : *reader.add(piece);
    rest.append(piece.substr(taken));
  }
  EXPECT_TRUE(reader.finish());
  EXPECT_TRUE(reader.ended());
  parsed.end = reader.end();
  parsed.body = std::string(reader.body_begin()) + rest;
  return parsed;
}

void expect(std::string_view message, const std::vector<std::string>& fields, HeaderEnd end,
            std::string_view body) {
  for (const std::size_t size : {std::size_t{1}, std::size_t{3}, std::size_t{65536}}) {
    const Parsed parsed = parse(message, size);
    EXPECT_EQ(parsed.fields, fields) << message << " by " << size;
    EXPECT_EQ(parsed.end, end) << message << " by " << size;
    EXPECT_EQ(parsed.body, body) << message << " by " << size;
  }
}

TEST(HeaderReader, FieldsBlankLineBody) {
  expect("To: a\n b\n\tc\nX:\n\nbody\n\nmore", {"To: a\n b\n\tc\n", "X:\n"},
         HeaderEnd::blank_line, "body\n\nmore");
}

TEST(HeaderReader, MessagesThatEndEarly) {
  expect("", {}, HeaderEnd::none, "");
  expect("\n", {}, HeaderEnd::blank_line, "");
  expect("To: a\n", {"To: a\n"}, HeaderEnd::none, "");
  expect("To: a\n b", {"To: a\n b\n"}, HeaderEnd::none, "");
  expect("hello", {}, HeaderEnd::missing, "hello\n");
}

TEST(HeaderReader, WhatIsNoFieldBeginsTheBody) {
  expect("To: a\nhello bob\nX: y\n", {"To: a\n"}, HeaderEnd::missing, "hello bob\nX: y\n");
  expect(" To: a\nX: y\n", {}, HeaderEnd::missing, " To: a\nX: y\n");
  expect(": x\n", {}, HeaderEnd::missing, ": x\n");
  expect("To: a\n\r\nx", {"To: a\n"}, HeaderEnd::missing, "\r\nx");
  expect("f\xc3\xbcr: x\n", {}, HeaderEnd::missing, "f\xc3\xbcr: x\n");
}

TEST(HeaderReader, AnMboxLineMayHoldAColon) {
  EXPECT_EQ(line_kind("From : bob\n"), LineKind::mbox_line);
  EXPECT_EQ(line_kind("From   : bob\n"), LineKind::mbox_line);
  EXPECT_EQ(line_kind("From \n"), LineKind::mbox_line);
  EXPECT_EQ(line_kind("From\t: bob\n"), LineKind::field);
  EXPECT_EQ(line_kind("FROM : bob\n"), LineKind::field);
  EXPECT_EQ(line_kind("From: bob\n"), LineKind::field);
}

TEST(HeaderReader, MboxLinesAreFields) {
  expect("From a Thu\n x\nTo : b\n\n", {"From a Thu\n x\n", "To : b\n"}, HeaderEnd::blank_line,
         "");
  expect("From : bob\n", {"From : bob\n"}, HeaderEnd::none, "");
  expect(">From a\n", {}, HeaderEnd::missing, ">From a\n");
}

TEST(HeaderReader, ALongFirstBodyLineIsNotKept) {
  HeaderReader reader([](std::string_view) -> Result<void> { return {}; });
  const std::string block(4096, '(');
  ASSERT_TRUE(reader.add("To: a\nno field "));
  EXPECT_FALSE(reader.ended());
  ASSERT_TRUE(reader.add(block));
  EXPECT_TRUE(reader.ended());
  EXPECT_EQ(reader.body_begin(), "no field " + block);
}

TEST(HeaderReader, TakesTimeInProportionToALongName) {
  const auto begin = std::chrono::steady_clock::now();
  HeaderReader reader([](std::string_view) -> Result<void> { return {}; });
  for (int i = 0; i < 200000; ++i) {
    ASSERT_TRUE(reader.add("nnnnnnnn"));
  }
  EXPECT_FALSE(reader.ended());
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(20));
}

TEST(HeaderReader, AFailureEndsIt) {
  HeaderReader reader([](std::string_view) -> Result<void> { return permanent("no"); });
  const auto added = reader.add("To: a\nTo: b\n\n");
  ASSERT_FALSE(added);
  EXPECT_EQ(added.error().text, "no");
}

TEST(HeaderField, NamesAreComparedWithoutCase) {
  EXPECT_EQ(field_name("rEsEnt-tO"), FieldName::resent_to);
  EXPECT_EQ(field_name("Too"), FieldName::other);
  EXPECT_EQ(field_name("To-"), FieldName::other);
  EXPECT_TRUE(is_resent(FieldName::resent_date));
  EXPECT_FALSE(is_resent(FieldName::date));
  EXPECT_TRUE(has_addresses(FieldName::errors_to));
  EXPECT_FALSE(has_addresses(FieldName::mail_followup_to));
  EXPECT_FALSE(has_addresses(FieldName::other));
}

TEST(HeaderField, WhatMayBePutOnTopOfAMessage) {
  for (const char* const good : {"", "A: b\n", "A: b\n\tc\n d\nE:\n", "A: \xc3\xbc\n"}) {
    EXPECT_TRUE(are_fields(good)) << good;
  }
  for (const char* const bad :
       {"\n", "A: b", "A: b\n\n", " b\n", "A: b\n \t\n", "A b\n", "From a: b\n", "A: b\r\n",
        "A: \x7f\n", "A: \x01\n", ": b\n", "A: b\nx"}) {
    EXPECT_FALSE(are_fields(bad)) << bad;
  }
  EXPECT_FALSE(are_fields(std::string_view("A: \0\n", 5)));
}

TEST(HeaderField, SplitsAtTheColon) {
  const auto parts = split_field("Subject \t: x\n y\n");
  ASSERT_TRUE(parts);
  EXPECT_EQ(parts->name, "Subject");
  EXPECT_EQ(parts->value, " x\n y\n");
  EXPECT_FALSE(split_field("From alice Thu\n"));
  EXPECT_FALSE(split_field("From : bob\n"));
  EXPECT_EQ(split_field("from : bob\n")->name, "from");
  EXPECT_EQ(split_field("From\t: bob\n")->name, "From");
  EXPECT_FALSE(split_field(":\n"));
  EXPECT_FALSE(split_field("To"));
}

}  // namespace
}  // namespace reqmail::mail
