#include "legacy/elf_symbols.h"

#include <elf.h>

#include <cstddef>
#include <cstring>

#include "base/narrow.h"

namespace reqmail::legacy {

namespace {

// Returns the structure at an offset; nullopt if it is not completely inside the file.
template <typename T>
std::optional<T> at(std::string_view file, std::uint64_t offset) {
  if (offset > file.size() || file.size() - offset < sizeof(T)) {
    return std::nullopt;
  }
  T value;
  std::memcpy(&value, file.data() + offset, sizeof(T));
  return value;
}

bool is_elf64(std::string_view file) {
  return file.size() > EI_DATA && file.substr(0, SELFMAG) == ELFMAG &&
         file[EI_CLASS] == ELFCLASS64 && file[EI_DATA] == ELFDATA2LSB;
}

std::optional<Elf64_Shdr> section(std::string_view file, const Elf64_Ehdr& header,
                                  std::uint64_t index) {
  if (index >= header.e_shnum || header.e_shentsize != sizeof(Elf64_Shdr) ||
      header.e_shoff > file.size()) {
    return std::nullopt;
  }
  return at<Elf64_Shdr>(file, header.e_shoff + index * sizeof(Elf64_Shdr));
}

// Returns whether the text at `offset` of the file is `name` with its NUL.
bool named(std::string_view file, const Elf64_Shdr& names, std::uint64_t offset,
           std::string_view name) {
  if (names.sh_offset > file.size() || offset > file.size() - names.sh_offset) {
    return false;
  }
  const auto begin = base::narrow<std::size_t>(names.sh_offset + offset);
  const std::string_view text = file.substr(begin, name.size() + 1);
  return text.size() == name.size() + 1 && text.substr(0, name.size()) == name &&
         text.back() == '\0';
}

std::optional<std::int32_t> value_of(std::string_view file, const Elf64_Ehdr& header,
                                     const Elf64_Sym& symbol) {
  const auto home = section(file, header, symbol.st_shndx);
  if (!home || home->sh_type != SHT_PROGBITS || symbol.st_value < home->sh_addr ||
      home->sh_offset > file.size()) {
    return std::nullopt;
  }
  const std::uint64_t inside = symbol.st_value - home->sh_addr;
  if (inside >= home->sh_size) {
    return std::nullopt;
  }
  return at<std::int32_t>(file, home->sh_offset + inside);
}

}  // namespace

std::optional<std::int32_t> elf_int(std::string_view file, std::string_view symbol) {
  const auto header = is_elf64(file) ? at<Elf64_Ehdr>(file, 0) : std::nullopt;
  if (!header) {
    return std::nullopt;
  }
  for (std::uint64_t index = 0; index < header->e_shnum; ++index) {
    const auto table = section(file, *header, index);
    if (!table || table->sh_type != SHT_SYMTAB) {
      continue;
    }
    const auto names = section(file, *header, table->sh_link);
    if (!names || table->sh_offset > file.size()) {
      return std::nullopt;
    }
    const std::uint64_t count = table->sh_size / sizeof(Elf64_Sym);
    for (std::uint64_t i = 0; i < count; ++i) {
      const auto entry = at<Elf64_Sym>(file, table->sh_offset + i * sizeof(Elf64_Sym));
      if (!entry) {
        return std::nullopt;
      }
      if (named(file, *names, entry->st_name, symbol)) {
        return value_of(file, *header, *entry);
      }
    }
  }
  return std::nullopt;
}

}  // namespace reqmail::legacy
