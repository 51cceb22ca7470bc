#include "legacy/elf_symbols.h"

#include <elf.h>
#include <gtest/gtest.h>

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>

namespace reqmail::legacy {
namespace {

using std::string_literals::operator""s;

constexpr unsigned char kOwnByteOrder =
    std::endian::native == std::endian::little ? ELFDATA2LSB : ELFDATA2MSB;

template <typename T>
std::string bytes_of(const T& value) {
  std::string bytes(sizeof value, '\0');
  std::memcpy(bytes.data(), &value, sizeof value);
  return bytes;
}

// A program with the variables `auto_break` (45) and `auto_split` (23): the header, the data,
// their names, the symbols, the sections.
template <typename Header, typename Section, typename Symbol>
std::string program(unsigned char size_of_address, unsigned char byte_order = kOwnByteOrder) {
  constexpr std::uint32_t kAddress = 0x8000;
  const std::string data = bytes_of(std::int32_t{45}) + bytes_of(std::int32_t{23});
  const std::string names = "\0auto_break\0auto_split\0\0\0"s;
  constexpr std::uint32_t kSecondName = 12;
  const auto data_at = static_cast<std::uint32_t>(sizeof(Header));
  const auto names_at = data_at + static_cast<std::uint32_t>(data.size());
  const auto symbols_at = names_at + static_cast<std::uint32_t>(names.size());
  const auto sections_at = symbols_at + static_cast<std::uint32_t>(3 * sizeof(Symbol));

  Header header = {};
  std::memcpy(header.e_ident, ELFMAG, SELFMAG);
  header.e_ident[EI_CLASS] = size_of_address;
  header.e_ident[EI_DATA] = byte_order;
  header.e_shoff = sections_at;
  header.e_shentsize = sizeof(Section);
  header.e_shnum = 4;

  Section in_data = {}, in_names = {}, in_symbols = {};
  in_data.sh_type = SHT_PROGBITS;
  in_data.sh_addr = kAddress;
  in_data.sh_offset = data_at;
  in_data.sh_size = static_cast<std::uint32_t>(data.size());
  in_names.sh_type = SHT_STRTAB;
  in_names.sh_offset = names_at;
  in_names.sh_size = static_cast<std::uint32_t>(names.size());
  in_symbols.sh_type = SHT_SYMTAB;
  in_symbols.sh_offset = symbols_at;
  in_symbols.sh_size = 3 * sizeof(Symbol);
  in_symbols.sh_link = 2;

  Symbol first = {}, second = {};
  first.st_name = 1;
  first.st_value = kAddress;
  first.st_shndx = 1;
  second.st_name = kSecondName;
  second.st_value = kAddress + sizeof(std::int32_t);
  second.st_shndx = 1;
  return bytes_of(header) + data + names + bytes_of(Symbol{}) + bytes_of(first) +
         bytes_of(second) + bytes_of(Section{}) + bytes_of(in_data) + bytes_of(in_names) +
         bytes_of(in_symbols);
}

std::string program32(unsigned char byte_order = kOwnByteOrder) {
  return program<Elf32_Ehdr, Elf32_Shdr, Elf32_Sym>(ELFCLASS32, byte_order);
}

std::string program64(unsigned char byte_order = kOwnByteOrder) {
  return program<Elf64_Ehdr, Elf64_Shdr, Elf64_Sym>(ELFCLASS64, byte_order);
}

TEST(ElfSymbols, VariablesOfBothSizesOfAddress) {
  for (const std::string& file : {program32(), program64()}) {
    EXPECT_EQ(elf_int(file, "auto_break"), 45);
    EXPECT_EQ(elf_int(file, "auto_split"), 23);
    EXPECT_FALSE(elf_int(file, "auto_spli"));
    EXPECT_FALSE(elf_int(file, "auto_spawn"));
  }
}

TEST(ElfSymbols, OtherByteOrderHasNone) {
  constexpr unsigned char kOther = kOwnByteOrder == ELFDATA2LSB ? ELFDATA2MSB : ELFDATA2LSB;
  EXPECT_FALSE(elf_int(program32(kOther), "auto_split"));
  EXPECT_FALSE(elf_int(program64(kOther), "auto_split"));
}

TEST(ElfSymbols, CutOffFileHasNoneAndIsReadWithinItsBounds) {
  for (const std::string& file : {program32(), program64()}) {
    for (std::size_t size = 0; size < file.size(); ++size) {
      // On the heap, so that a sanitizer sees what is read after the end.
      const std::string cut(file, 0, size);
      EXPECT_FALSE(elf_int(cut, "auto_split")) << size;
    }
  }
}

TEST(ElfSymbols, WhatIsNoElfHasNone) {
  for (const std::string& file : {""s, "#!/bin/sh\n"s,
                                  "\x7f"
                                  "ELF"s,
                                  std::string(64, '\0')}) {
    EXPECT_FALSE(elf_int(file, "auto_split"));
  }
  for (const char size_of_address : {ELFCLASS32, ELFCLASS64}) {
    std::string wild = ELFMAG;
    wild += {size_of_address, static_cast<char>(kOwnByteOrder), EV_CURRENT};
    wild.resize(64, '\xff');  // the tables are far outside of the file
    EXPECT_FALSE(elf_int(wild, "auto_split"));
  }
}

}  // namespace
}  // namespace reqmail::legacy
