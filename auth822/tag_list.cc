#include "auth822/tag_list.h"

#include <algorithm>

#include "base/ascii.h"
#include "base/text.h"

namespace reqmail::auth822 {

namespace {

bool is_tag_name(std::string_view name) {
  return !name.empty() && base::is_letter(name.front()) &&
         std::all_of(name.begin(), name.end(), [](char c) {
           return base::is_letter(c) || base::is_digit(c) || c == '_';
         });
}

// Bytes above 126 are those of UTF-8 in addresses (RFC 8616).
bool is_tag_value(std::string_view value) {
  return std::all_of(value.begin(), value.end(), [](char c) {
    return is_folding_space(c) || (c >= '!' && c != '\x7f') ||
           static_cast<unsigned char>(c) > 127;
  });
}

}  // namespace

bool is_folding_space(char c) {
  return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

std::string_view trim_folding_space(std::string_view text) {
  while (!text.empty() && is_folding_space(text.front())) {
    text.remove_prefix(1);
  }
  while (!text.empty() && is_folding_space(text.back())) {
    text.remove_suffix(1);
  }
  return text;
}

std::string without_folding_space(std::string_view text) {
  std::string packed;
  std::copy_if(text.begin(), text.end(), std::back_inserter(packed),
               [](char c) { return !is_folding_space(c); });
  return packed;
}

std::vector<std::string_view> colon_list(std::string_view text) {
  auto items = base::split(text, ':');
  for (std::string_view& item : items) {
    item = trim_folding_space(item);
  }
  return items;
}

std::optional<TagList> TagList::parse(std::string_view text) {
  TagList list;
  auto parts = base::split(text, ';');
  if (trim_folding_space(parts.back()).empty()) {
    parts.pop_back();
  }
  for (const std::string_view part : parts) {
    const std::size_t equals = part.find('=');
    if (equals == std::string_view::npos) {
      return std::nullopt;
    }
    const std::string_view name = trim_folding_space(part.substr(0, equals));
    const std::string_view value = trim_folding_space(part.substr(equals + 1));
    if (!is_tag_name(name) || !is_tag_value(value) || list.get(name)) {
      return std::nullopt;
    }
    list.tags_.emplace_back(name, value);
  }
  return list;
}

std::optional<std::string_view> TagList::get(std::string_view name) const {
  const auto found = std::find_if(tags_.begin(), tags_.end(),
                                  [name](const auto& tag) { return tag.first == name; });
  return found == tags_.end() ? std::nullopt : std::optional<std::string_view>(found->second);
}

std::optional<std::string> TagList::packed(std::string_view name) const {
  const auto value = get(name);
  return value ? std::optional(without_folding_space(*value)) : std::nullopt;
}

}  // namespace reqmail::auth822
