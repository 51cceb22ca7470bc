#include "base/json.h"

#include <gtest/gtest.h>

#include <string>

namespace reqmail::base {
namespace {

using std::string_literals::operator""s;

TEST(Json, StringsAreQuotedAndEscaped) {
  EXPECT_EQ(json_string("plain text/9"), "\"plain text/9\"");
  EXPECT_EQ(json_string("a\"b\\c"), "\"a\\\"b\\\\c\"");
  EXPECT_EQ(json_string("\n\t\x01\x7f"s), "\"\\u000a\\u0009\\u0001\\u007f\"");
  EXPECT_EQ(json_string("\0x"s), "\"\\u0000x\"");
}

TEST(Json, WhatIsNoUtf8IsReplaced) {
  EXPECT_EQ(json_string("h\xC3\xA9"), "\"h\xC3\xA9\"");
  EXPECT_EQ(json_string("\xE2\x82\xAC"), "\"\xE2\x82\xAC\"");
  EXPECT_EQ(json_string("\xF0\x9F\x93\xA7"), "\"\xF0\x9F\x93\xA7\"");
  const std::string bad = "\"\xEF\xBF\xBD\"";
  EXPECT_EQ(json_string("\xFF"), bad);
  EXPECT_EQ(json_string("\xC3"), bad);                                 // incomplete
  EXPECT_EQ(json_string("\xC0\xAF"), "\"\xEF\xBF\xBD\xEF\xBF\xBD\"");  // longer than necessary
  EXPECT_EQ(json_string("\xED\xA0\x80"),
            "\"\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\"");  // a surrogate
  EXPECT_EQ(json_string("\xF4\x90\x80\x80"),
            "\"\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\"");  // above U+10FFFF
}

TEST(Json, NestedValues) {
  JsonWriter json;
  json.open_object();
  json.key("a").number(18446744073709551615ULL);
  json.key("b").open_array();
  json.text("x").boolean(true).null();
  json.open_object().close_object();
  json.close_array();
  json.key("c").open_array().close_array();
  json.close_object();
  EXPECT_EQ(json.take(),
            "{\n  \"a\": 18446744073709551615,\n  \"b\": [\n    \"x\",\n    true,\n    null,\n"
            "    {}\n  ],\n  \"c\": []\n}\n");
}

}  // namespace
}  // namespace reqmail::base
