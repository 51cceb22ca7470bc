// Lists of "tag=value;" as DKIM, ARC and DMARC have them (RFC 6376 section 3.2).
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace reqmail::auth822 {

class TagList {
 public:
  // Absent if the text breaks the grammar: a tag without a name or '=', an empty place between
  // two ';', a byte that no value may hold, a tag that appears twice.
  static std::optional<TagList> parse(std::string_view text);

  // The value without white space around it; absent if there is no such tag. Names are
  // compared with regard to case.
  [[nodiscard]] std::optional<std::string_view> get(std::string_view name) const;

  // The value without any white space in it.
  [[nodiscard]] std::optional<std::string> packed(std::string_view name) const;

  // In the order of the text.
  [[nodiscard]] const std::vector<std::pair<std::string, std::string>>& tags() const {
    return tags_;
  }

 private:
  std::vector<std::pair<std::string, std::string>> tags_;
};

// White space of folded fields: blanks, tabs and line ends.
bool is_folding_space(char c);
std::string_view trim_folding_space(std::string_view text);
std::string without_folding_space(std::string_view text);

// The items between colons, without white space around them.
std::vector<std::string_view> colon_list(std::string_view text);

}  // namespace reqmail::auth822
