#include "auth822/auth_results.h"

#include <algorithm>

#include "auth822/tag_list.h"
#include "base/ascii.h"

namespace reqmail::auth822 {

namespace {

// Divides a value into parts, and these into words. Blanks around an equals sign belong to the
// word.
class WordReader {
 public:
  void read(std::string_view value) {
    for (std::size_t at = 0; at < value.size(); ++at) {
      const bool escaped = value[at] == '\\' && (quoted_ || comment_ > 0);
      if (escaped && at + 1 == value.size()) {
        return;
      }
      at += escaped ? 1 : 0;
      take(value[at], escaped);
    }
  }

  [[nodiscard]] const std::vector<std::vector<std::string>>& parts() const { return parts_; }

 private:
  void take(char c, bool escaped) {
    if (comment_ > 0) {
      take_of_comment(c, escaped);
    } else if (quoted_) {
      take_of_string(c, escaped);
    } else {
      take_outside(c);
    }
  }

  void take_of_comment(char c, bool escaped) {
    if (!escaped) {
      comment_ += c == '(' ? 1 : 0;
      comment_ -= c == ')' ? 1 : 0;
    }
  }

  void take_of_string(char c, bool escaped) {
    if (c == '"' && !escaped) {
      quoted_ = false;
    } else {
      parts_.back().back().push_back(base::to_lower(c));
    }
  }

  void take_outside(char c) {
    if (c == ';') {
      parts_.emplace_back();
      blank_ = true;
    } else if (c == '(') {
      comment_ = 1;
      blank_ = true;
    } else if (is_folding_space(c)) {
      blank_ = true;
    } else {
      begin_word(c);
      quoted_ = c == '"';
      if (!quoted_) {
        parts_.back().back().push_back(base::to_lower(c));
      }
      after_equals_ = c == '=';
    }
  }

  // Begins a new word before `c` if a blank came before it.
  void begin_word(char c) {
    auto& words = parts_.back();
    if (words.empty() || (blank_ && c != '=' && !after_equals_)) {
      words.emplace_back();
    }
    blank_ = false;
  }

  std::vector<std::vector<std::string>> parts_ = std::vector<std::vector<std::string>>(1);
  int comment_ = 0;
  bool quoted_ = false;
  bool blank_ = true;
  bool after_equals_ = false;
};

std::optional<std::pair<std::string, std::string>> name_and_value(const std::string& word) {
  const std::size_t equals = word.find('=');
  if (equals == std::string::npos) {
    return std::nullopt;
  }
  return std::pair(word.substr(0, equals), word.substr(equals + 1));
}

}  // namespace

std::optional<std::string_view> AuthResult::property(std::string_view name) const {
  const auto found = std::find_if(properties.begin(), properties.end(),
                                  [name](const auto& one) { return one.first == name; });
  return found == properties.end() ? std::nullopt
                                   : std::optional<std::string_view>(found->second);
}

std::vector<AuthResult> read_auth_results(std::string_view value) {
  WordReader reader;
  reader.read(value);
  std::vector<AuthResult> results;
  for (const auto& words : reader.parts()) {
    auto first = words.empty() ? std::nullopt : name_and_value(words.front());
    if (!first) {
      continue;
    }
    AuthResult& result = results.emplace_back();
    result.method = first->first.substr(0, first->first.find('/'));
    result.result = std::move(first->second);
    for (std::size_t at = 1; at < words.size(); ++at) {
      if (auto property = name_and_value(words[at])) {
        result.properties.push_back(*std::move(property));
      }
    }
  }
  return results;
}

}  // namespace reqmail::auth822
