#include "control/files.h"

#include <algorithm>
#include <cerrno>
#include <utility>

#include "base/text.h"
#include "control/idna_program.h"
#include "control/reader.h"
#include "mail/idna.h"
#include "mail/idna_conversion.h"
#include "sys/directory.h"

namespace reqmail::control {

namespace {

constexpr std::string_view kDirectory = "control/";

}  // namespace

void ControlFiles::look_for_names() {
  auto names = sys::list_directory(path_of("."));
  if (names) {
    std::sort(names->begin(), names->end());
    names_ = std::move(*names);
  }
}

bool ControlFiles::may_exist(std::string_view name) const {
  return !names_ || std::binary_search(names_->begin(), names_->end(), name);
}

std::string ControlFiles::path_of(std::string_view name) const {
  return base::concat({home_, home_.empty() ? "" : "/", kDirectory, name});
}

// Returns the value of a file; empty if it cannot be read, or if an earlier file could not.
template <typename Value>
Value ControlFiles::read(const KnownFile& file, Result<Value> (*reader)(const std::string&)) {
  if (failure_ || !may_exist(file.name)) {
    return {};
  }
  auto value = reader(path_of(file.name));
  if (value) {
    return std::move(*value);
  }
  if (unreadable_ == Unreadable::fails) {
    fail(file.name, value.error().error);
  }
  return {};
}

// Returns whether the file falls back to control/me, which must be read before it.
bool ControlFiles::falls_back_to_me(const KnownFile& file) {
  return file.fallback_kind == Fallback::me && me();
}

const std::optional<std::string>& ControlFiles::me() {
  if (!me_is_read_) {
    me_is_read_ = true;
    me_ = read(known_file("me"), read_line);
  }
  return me_;
}

std::optional<std::string> ControlFiles::line_of(const KnownFile& file) {
  const bool may_be_me = falls_back_to_me(file);
  auto value = read(file, read_line);
  if (!value && may_be_me) {
    return me_;
  }
  if (!value && !file.fallback.empty()) {
    value = file.fallback;
  }
  return value;
}

std::string ControlFiles::line(LineNameWithDefault file) {
  return *line_of(file.row());
}

std::optional<std::string> ControlFiles::line_if_any(LineName file) {
  return line_of(file.row());
}

std::string ControlFiles::required_line(LineName file) {
  auto value = line_of(file.row());
  if (!value) {
    fail(file.row().name, ENOENT);
    return {};
  }
  return std::move(*value);
}

std::optional<std::uint64_t> ControlFiles::number_if_any(NumberName file) {
  return read(file.row(), read_number);
}

std::uint64_t ControlFiles::number(NumberNameWithDefault file) {
  return read(file.row(), read_number).value_or(file.row().fallback_number);
}

std::optional<std::vector<std::string>> ControlFiles::list(ListName file) {
  const bool may_be_me = falls_back_to_me(file.row());
  auto entries = read(file.row(), read_lines);
  if (!entries && may_be_me) {
    return std::optional<std::vector<std::string>>({*me_});
  }
  return entries;
}

bool ControlFiles::utf8() {
  if (!utf8_) {
    utf8_ = number("smtputf8") > 0;
    if (*utf8_ && !mail::has_label_converter()) {
      mail::convert_u_labels_by(convert_by_program);
    }
  }
  return *utf8_;
}

std::optional<std::vector<std::string>> ControlFiles::domain_list(ListName file) {
  auto entries = list(file);
  if (!entries || std::ranges::all_of(*entries, mail::is_ascii) || !utf8()) {
    return entries;
  }
  return mail::lines_in_a_labels(*entries);
}

std::vector<std::string> ControlFiles::required_list(ListName file) {
  auto entries = list(file);
  if (!entries) {
    fail(file.row().name, ENOENT);
    return {};
  }
  return std::move(*entries);
}

std::optional<std::string> ControlFiles::text(AnyName file) {
  return read(file.row(), read_text);
}

void ControlFiles::fail(std::string_view name, int error) {
  if (!failure_) {
    failure_ = ControlFailure{std::string(name), error};
  }
}

}  // namespace reqmail::control
