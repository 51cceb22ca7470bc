#include "legacy/build_choices.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <cstring>
#include <string>

namespace reqmail::legacy {
namespace {

using std::string_literals::operator""s;

// As a compiler for this machine writes it.
std::string word(std::uint32_t value) {
  std::string bytes(sizeof value, '\0');
  std::memcpy(bytes.data(), &value, sizeof value);
  return bytes;
}

TEST(BuildChoices, StandBeforeTheNameOfTheHome) {
  const std::string program =
      "\x7f"s + "ELF data "s + word('+') + word(022) + "/var/qmail\0more"s;
  const BuildChoices choices = read_build_choices(program, "/var/qmail");
  EXPECT_EQ(choices.break_character, '+');
  EXPECT_EQ(choices.paternalism, 022U);
  EXPECT_FALSE(read_build_choices(program, "/home/qmail").break_character);
}

TEST(BuildChoices, WhatCanBreakNoAddressIsPassedOver) {
  const std::string program = word('/') + word(2) + "/var/qmail\0"s;
  EXPECT_FALSE(read_build_choices(program, "/var/qmail").break_character);
  EXPECT_FALSE(read_build_choices("/var/qmail\0"s, "/var/qmail").paternalism);
}

TEST(BuildChoices, APageShowsTheBreakCharacter) {
  EXPECT_EQ(break_in_page("the form user\\fB\\-\\fIanything\\fR,"), '-');
  EXPECT_EQ(break_in_page("the form user\\fB+\\fIanything\\fR,"), '+');
  EXPECT_FALSE(break_in_page("user\\fB"));
  EXPECT_FALSE(break_in_page("user\\fB@\\fIanything"));
  EXPECT_FALSE(break_in_page("no such form"));
}

}  // namespace
}  // namespace reqmail::legacy
