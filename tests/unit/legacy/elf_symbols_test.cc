#include "legacy/elf_symbols.h"

#include <gtest/gtest.h>

#include <string>

namespace reqmail::legacy {
namespace {

using std::string_literals::operator""s;

TEST(ElfSymbols, WhatIsNoElfHasNone) {
  for (const std::string& file : {""s, "#!/bin/sh\n"s,
                                  "\x7f"
                                  "ELF"s,
                                  std::string(64, '\0')}) {
    EXPECT_FALSE(elf_int(file, "auto_split"));
  }
  std::string wild =
      "\x7f"
      "ELF\x02\x01\x01"s;
  wild.resize(64, '\xff');  // the tables are far outside of the file
  EXPECT_FALSE(elf_int(wild, "auto_split"));
}

}  // namespace
}  // namespace reqmail::legacy
