// The names of control files in programs. They are looked up in the table at compile time: an
// unknown name, or the name of a file of another kind, does not compile.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <string_view>

#include "control/known.h"

namespace reqmail::control {

namespace internal {

inline constexpr std::string_view kDirectory = "control/";
inline constexpr std::size_t kPathMax = 48;

using Path = std::array<char, kPathMax>;

constexpr std::array<Path, kKnownFiles.size()> make_paths() {
  std::array<Path, kKnownFiles.size()> paths = {};
  for (std::size_t i = 0; i < paths.size(); ++i) {
    const auto end = std::copy(kDirectory.begin(), kDirectory.end(), paths[i].begin());
    std::copy(kKnownFiles[i].name.begin(), kKnownFiles[i].name.end(), end);
  }
  return paths;
}

inline constexpr auto kPaths = make_paths();

constexpr bool is_line(const KnownFile& file) {
  return file.kind == Kind::line || file.kind == Kind::word;
}

constexpr bool is_line_with_default(const KnownFile& file) {
  return is_line(file) && !file.fallback.empty();
}

constexpr bool is_number(const KnownFile& file) {
  return file.kind == Kind::number;
}

constexpr bool is_number_with_default(const KnownFile& file) {
  return is_number(file) && file.fallback_kind == Fallback::fixed;
}

constexpr bool is_any(const KnownFile& /*file*/) {
  return true;
}

constexpr bool is_list(const KnownFile& file) {
  return file.kind == Kind::list;
}

// The entries of the file, or its only line, may have a form of their own.
constexpr bool has_form(const KnownFile& file) {
  return is_list(file) || is_line(file);
}

}  // namespace internal

// Returns "control/NAME", for a file that a program opens or names itself.
consteval const char* path(std::string_view name) {
  return internal::kPaths[index_of(name)].data();
}

// The name of a file whose row satisfies `fits`.
template <bool (*fits)(const KnownFile&)>
class FileName {
 public:
  // The conversion is implicit, so that the name itself is the argument:
  // files.line("bouncefrom").
  // NOLINTNEXTLINE(google-explicit-constructor)
  consteval FileName(const char* name) : FileName(known_file(name)) {}

  // The row may be of any table.
  explicit consteval FileName(const KnownFile& row) : row_(&row) {
    if (!fits(row)) {
      control_file_of_another_kind();
    }
  }

  [[nodiscard]] constexpr const KnownFile& row() const { return *row_; }

 private:
  const KnownFile* row_;
};

using LineName = FileName<internal::is_line>;
using LineNameWithDefault = FileName<internal::is_line_with_default>;
using NumberName = FileName<internal::is_number>;
using NumberNameWithDefault = FileName<internal::is_number_with_default>;
using ListName = FileName<internal::is_list>;
using FormName = FileName<internal::has_form>;
using AnyName = FileName<internal::is_any>;

}  // namespace reqmail::control
