// Reads numbers that were compiled into an old program: variables in its symbol table, if it
// has one.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace reqmail::legacy {

// Returns the value of a global variable of type int in an ELF file, of 32 or 64 bits, that has
// the byte order of this machine; nullopt for any other file, a stripped one, and one whose
// tables point outside of it.
std::optional<std::int32_t> elf_int(std::string_view file, std::string_view symbol);

}  // namespace reqmail::legacy
