#include "legacy/shell_words.h"

#include <algorithm>
#include <optional>

#include "base/ascii.h"
#include "base/number.h"
#include "base/text.h"

namespace reqmail::legacy {

namespace {

constexpr std::string_view kOperators = ";&|()<>\n";
// A quote that is not closed within this many lines is not treated as a quote.
constexpr std::size_t kQuotedLines = 200;

// Finds the end of the text that begins at `at` with `open` and ends with the matching `close`.
// Returns the offset after it, or the length of the line.
std::size_t end_of_pair(std::string_view line, std::size_t at, char open, char close) {
  std::size_t depth = 0;
  for (; at < line.size(); ++at) {
    if (line[at] == '\\') {
      ++at;
    } else if (line[at] == open && (open != close || depth == 0)) {
      ++depth;
    } else if (line[at] == close && --depth == 0) {
      return at + 1;
    }
  }
  return line.size();
}

class Splitter {
 public:
  Splitter(std::string_view line, const ShellVariables& variables)
      : line_(line), variables_(variables) {}

  std::vector<std::string> split() {
    while (at_ < line_.size()) {
      const char c = line_[at_];
      if (base::is_blank(c)) {
        end_word();
        ++at_;
      } else if (c == '#' && !inside_) {
        at_ = std::min(line_.find('\n', at_), line_.size());
      } else if (kOperators.find(c) != std::string_view::npos) {
        end_word_at_operator(c);
        words_.emplace_back(1, c);
        ++at_;
      } else {
        take(c);
      }
    }
    end_word();
    return std::move(words_);
  }

 private:
  void end_word() {
    if (inside_ && (quoted_ || !word_.empty())) {
      words_.push_back(std::move(word_));
    }
    word_.clear();
    inside_ = quoted_ = false;
  }

  // The number of a redirected descriptor is not a word.
  void end_word_at_operator(char c) {
    if ((c == '<' || c == '>') && !quoted_ && !word_.empty() &&
        base::leading_digits(word_) == word_.size()) {
      inside_ = false;
    }
    end_word();
  }

  void take(char c) {
    inside_ = true;
    if (c == '\'') {
      quoted_ = true;
      const std::size_t end = std::min(line_.find('\'', at_ + 1), line_.size());
      word_ += line_.substr(at_ + 1, end - at_ - 1);
      at_ = end + 1;
    } else if (c == '"') {
      quoted_ = true;
      take_quoted();
    } else if (c == '\\' && at_ + 1 < line_.size()) {
      word_ += line_[at_ + 1];
      at_ += 2;
    } else if (c == '$' || c == '`') {
      put_words(computed());
    } else {
      word_ += c;
      ++at_;
    }
  }

  void take_quoted() {
    for (++at_; at_ < line_.size() && line_[at_] != '"';) {
      if (line_[at_] == '\\' && at_ + 1 < line_.size()) {
        word_ += line_[at_ + 1];
        at_ += 2;
      } else if (line_[at_] == '$' || line_[at_] == '`') {
        word_ += computed().text;
      } else {
        word_ += line_[at_++];
      }
    }
    ++at_;
  }

  struct Value {
    std::string text;
    bool known = false;
  };

  // Takes $NAME, ${NAME...}, $(...) or `...` at this place and returns its value.
  Value computed() {
    const std::size_t begin = at_;
    if (line_[at_] == '`') {
      at_ = end_of_pair(line_, at_, '`', '`');
    } else if (at_ + 1 < line_.size() && line_[at_ + 1] == '(') {
      at_ = end_of_pair(line_, at_ + 1, '(', ')');
    } else if (at_ + 1 < line_.size() && line_[at_ + 1] == '{') {
      at_ = end_of_pair(line_, at_ + 1, '{', '}');
      if (auto value = braced(line_.substr(begin + 2, at_ - begin - 3))) {
        return {std::move(*value), true};
      }
    } else {
      std::size_t end = at_ + 1;
      while (end < line_.size() && is_variable_name(line_.substr(at_ + 1, end - at_))) {
        ++end;
      }
      at_ = end;
      const auto found = variables_.find(line_.substr(begin + 1, end - begin - 1));
      if (found != variables_.end()) {
        return {found->second, true};
      }
    }
    return {std::string(line_.substr(begin, at_ - begin)), false};
  }

  // Returns the value of NAME, NAME:-OTHER and similar forms.
  [[nodiscard]] std::optional<std::string> braced(std::string_view inside) const {
    const std::size_t end = std::min(inside.find_first_of(":-=+?#%/"), inside.size());
    const auto found = variables_.find(inside.substr(0, end));
    const std::string_view rest = inside.substr(end);
    if (rest.empty()) {
      return found == variables_.end() ? std::nullopt : std::optional(found->second);
    }
    const std::size_t sign = rest[0] == ':' ? 1 : 0;
    if (rest.size() <= sign || (rest[sign] != '-' && rest[sign] != '=')) {
      return std::nullopt;
    }
    if (found != variables_.end() && !(sign == 1 && found->second.empty())) {
      return found->second;
    }
    return std::string(rest.substr(sign + 1));
  }

  // Without quotes a value is divided into words at its blanks.
  void put_words(const Value& value) {
    if (!value.known || is_computed(value.text)) {
      word_ += value.text;
      return;
    }
    for (const char c : value.text) {
      if (base::is_blank(c) || c == '\n') {
        end_word();
        inside_ = true;
      } else {
        word_ += c;
      }
    }
  }

  std::string_view line_;
  const ShellVariables& variables_;
  std::size_t at_ = 0;
  std::vector<std::string> words_;
  std::string word_;
  bool inside_ = false;
  bool quoted_ = false;
};

// Returns the quote that is open at the end of a line, or NUL.
char open_quote(std::string_view line) {
  char quote = '\0';
  for (std::size_t at = 0; at < line.size(); ++at) {
    const char c = line[at];
    if (quote == '\'') {
      quote = c == '\'' ? '\0' : quote;
    } else if (c == '\\') {
      ++at;
    } else if (quote == '"') {
      quote = c == '"' ? '\0' : quote;
    } else if (c == '\'' || c == '"') {
      quote = c;
    } else if (c == '#' && (at == 0 || base::is_blank(line[at - 1]))) {
      at = std::min(line.find('\n', at), line.size());
    }
  }
  return quote;
}

// Returns the word that ends a here-document which this line begins; empty if there is none.
std::string here_document(std::string_view line) {
  const std::size_t sign = line.find("<<");
  if (sign == std::string_view::npos || line.substr(sign, 3) == "<<<") {
    return {};
  }
  std::string_view rest = line.substr(sign + 2);
  if (!rest.empty() && rest[0] == '-') {
    rest.remove_prefix(1);
  }
  const auto words = shell_words(rest);
  return words.empty() ? std::string() : words[0];
}

class LineReader {
 public:
  explicit LineReader(std::string_view text) : text_(text) {}

  std::vector<LogicalLine> read() {
    std::vector<LogicalLine> lines;
    while (at_ < text_.size()) {
      const std::size_t begin = at_;
      std::string line = joined_line();
      if (open_quote(line) != '\0') {
        close_quote(line);
      }
      skip_here_document(here_document(line));
      lines.push_back({std::move(line), begin});
    }
    return lines;
  }

 private:
  std::string_view next() {
    const std::size_t end = std::min(text_.find('\n', at_), text_.size());
    const std::string_view line = text_.substr(at_, end - at_);
    at_ = end + 1;
    return line;
  }

  // Returns a line with the lines that backslashes join to it.
  std::string joined_line() {
    std::string line(next());
    while (!line.empty() && line.back() == '\\' && at_ < text_.size()) {
      line.back() = ' ';
      line += next();
    }
    return line;
  }

  // Appends lines until an open quote is closed.
  void close_quote(std::string& line) {
    const std::size_t place = at_;
    std::string longer = line;
    for (std::size_t count = 0; count < kQuotedLines && at_ < text_.size(); ++count) {
      longer += "\n";
      longer += joined_line();
      if (open_quote(longer) == '\0') {
        line = std::move(longer);
        return;
      }
    }
    at_ = place;
  }

  void skip_here_document(std::string_view word) {
    const std::size_t place = at_;
    while (!word.empty() && at_ < text_.size()) {
      if (base::trim_start(next()) == word) {
        return;
      }
    }
    at_ = place;
  }

  std::string_view text_;
  std::size_t at_ = 0;
};

}  // namespace

std::vector<LogicalLine> logical_lines(std::string_view text) {
  return LineReader(text).read();
}

std::vector<std::string> shell_words(std::string_view line, const ShellVariables& variables) {
  return Splitter(line, variables).split();
}

bool is_shell_operator(const std::string& word) {
  return word.size() == 1 && kOperators.find(word[0]) != std::string_view::npos;
}

bool is_variable_name(std::string_view text) {
  return !text.empty() && !base::is_digit(text[0]) &&
         std::all_of(text.begin(), text.end(), [](char c) {
           return base::is_letter(c) || base::is_digit(c) || c == '_';
         });
}

bool is_computed(std::string_view word) {
  return word.find_first_of("$`") != std::string_view::npos;
}

}  // namespace reqmail::legacy
