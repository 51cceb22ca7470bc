#include "legacy/elf_symbols.h"

#include <elf.h>

#include <bit>
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

// The structures of both sizes of address.
struct Elf32 {
  using Header = Elf32_Ehdr;
  using Section = Elf32_Shdr;
  using Symbol = Elf32_Sym;
};

struct Elf64 {
  using Header = Elf64_Ehdr;
  using Section = Elf64_Shdr;
  using Symbol = Elf64_Sym;
};

constexpr char kOwnByteOrder =
    std::endian::native == std::endian::little ? ELFDATA2LSB : ELFDATA2MSB;

bool is_elf(std::string_view file) {
  return file.size() > EI_DATA && file.substr(0, SELFMAG) == ELFMAG &&
         file[EI_DATA] == kOwnByteOrder;
}

template <typename Elf>
std::optional<typename Elf::Section> section(std::string_view file,
                                             const typename Elf::Header& header,
                                             std::uint64_t index) {
  if (index >= header.e_shnum || header.e_shentsize != sizeof(typename Elf::Section) ||
      header.e_shoff > file.size()) {
    return std::nullopt;
  }
  return at<typename Elf::Section>(file,
                                   header.e_shoff + index * sizeof(typename Elf::Section));
}

// Returns whether the text at `offset` of the file is `name` with its NUL.
template <typename Section>
bool named(std::string_view file, const Section& names, std::uint64_t offset,
           std::string_view name) {
  if (names.sh_offset > file.size() || offset > file.size() - names.sh_offset) {
    return false;
  }
  const auto begin = base::narrow<std::size_t>(std::uint64_t{names.sh_offset} + offset);
  const std::string_view text = file.substr(begin, name.size() + 1);
  return text.size() == name.size() + 1 && text.substr(0, name.size()) == name &&
         text.back() == '\0';
}

template <typename Elf>
std::optional<std::int32_t> value_of(std::string_view file, const typename Elf::Header& header,
                                     const typename Elf::Symbol& symbol) {
  const auto home = section<Elf>(file, header, symbol.st_shndx);
  if (!home || home->sh_type != SHT_PROGBITS || symbol.st_value < home->sh_addr ||
      home->sh_offset > file.size()) {
    return std::nullopt;
  }
  const std::uint64_t inside = symbol.st_value - home->sh_addr;
  if (inside >= home->sh_size) {
    return std::nullopt;
  }
  return at<std::int32_t>(file, std::uint64_t{home->sh_offset} + inside);
}

template <typename Elf>
std::optional<std::int32_t> int_in(std::string_view file, std::string_view symbol) {
  using Symbol = typename Elf::Symbol;
  const auto header = at<typename Elf::Header>(file, 0);
  if (!header) {
    return std::nullopt;
  }
  for (std::uint64_t index = 0; index < header->e_shnum; ++index) {
    const auto table = section<Elf>(file, *header, index);
    if (!table || table->sh_type != SHT_SYMTAB) {
      continue;
    }
    const auto names = section<Elf>(file, *header, table->sh_link);
    if (!names || table->sh_offset > file.size()) {
      return std::nullopt;
    }
    const std::uint64_t count = table->sh_size / sizeof(Symbol);
    for (std::uint64_t i = 0; i < count; ++i) {
      const auto entry = at<Symbol>(file, table->sh_offset + i * sizeof(Symbol));
      if (!entry) {
        return std::nullopt;
      }
      if (named(file, *names, entry->st_name, symbol)) {
        return value_of<Elf>(file, *header, *entry);
      }
    }
  }
  return std::nullopt;
}

}  // namespace

std::optional<std::int32_t> elf_int(std::string_view file, std::string_view symbol) {
  if (!is_elf(file)) {
    return std::nullopt;
  }
  switch (file[EI_CLASS]) {
  case ELFCLASS32:
    return int_in<Elf32>(file, symbol);
  case ELFCLASS64:
    return int_in<Elf64>(file, symbol);
  default:
    return std::nullopt;
  }
}

}  // namespace reqmail::legacy
