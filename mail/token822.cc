#include "mail/token822.h"

#include <algorithm>

#include "base/ascii.h"

namespace reqmail::mail {

namespace {

constexpr std::string_view kWhite = " \t\r\n";
constexpr std::string_view kEndOfAtom = " \t\r\n([\"<>@,;:.";

bool ends_atom(char c) {
  return kEndOfAtom.find(c) != std::string_view::npos;
}

// Returns whether an atom is printed as a quoted string and therefore counts as one. Other
// characters after a backslash do not make it one.
bool is_quoted(std::string_view atom) {
  return std::any_of(atom.begin(), atom.end(), [](char c) {
    return c < 32 || c > 126 || c == ')' || c == ']' || c == '\\';
  });
}

// Returns the kind of a token that consists of one special character; nullopt for other
// characters.
std::optional<Token::Kind> special_kind(char c) {
  switch (c) {
  case '<':
    return Token::Kind::left_angle;
  case '>':
    return Token::Kind::right_angle;
  case '@':
    return Token::Kind::at;
  case ',':
    return Token::Kind::comma;
  case ';':
    return Token::Kind::semicolon;
  case ':':
    return Token::Kind::colon;
  case '.':
    return Token::Kind::dot;
  default:
    return std::nullopt;
  }
}

class Tokenizer {
 public:
  explicit Tokenizer(std::string_view text) : text_(text) {}

  std::optional<std::vector<Token>> run() {
    while (position_ < text_.size()) {
      if (!token()) {
        return std::nullopt;
      }
    }
    return std::move(tokens_);
  }

 private:
  bool token() {
    const char c = text_[position_];
    if (kWhite.find(c) != std::string_view::npos) {
      ++position_;
      return true;
    }
    if (const auto kind = special_kind(c)) {
      ++position_;
      tokens_.push_back(Token{*kind, {}});
      return true;
    }
    switch (c) {
    case '"':
      return enclosed(Token::Kind::quoted, '"');
    case '[':
      return enclosed(Token::Kind::literal, ']');
    case '(':
      return comment();
    case ')':
    case ']':
      return false;
    default:
      atom();
      return true;
    }
  }

  // Takes the backslash at position_ and returns the character after it.
  std::optional<char> escaped() {
    if (position_ + 1 >= text_.size()) {
      return std::nullopt;
    }
    position_ += 2;
    return text_[position_ - 1];
  }

  // Takes a quoted string or a literal up to its `end`.
  bool enclosed(Token::Kind kind, char end) {
    std::string text;
    ++position_;
    while (position_ < text_.size()) {
      const char c = text_[position_];
      if (c == end) {
        ++position_;
        tokens_.push_back(Token{kind, std::move(text)});
        return true;
      }
      if (!add_character(text)) {
        return false;
      }
    }
    return false;
  }

  bool comment() {
    std::string text;
    std::size_t depth = 1;
    ++position_;
    while (position_ < text_.size()) {
      const char c = text_[position_];
      if (c == '(') {
        ++depth;
        ++position_;
      } else if (c == ')') {
        --depth;
        ++position_;
        if (depth == 0) {
          tokens_.push_back(Token{Token::Kind::comment, std::move(text)});
          return true;
        }
      } else if (!add_character(text)) {
        return false;
      }
    }
    return false;
  }

  // Appends one character, or the character after a backslash, to `text`.
  bool add_character(std::string& text) {
    if (text_[position_] != '\\') {
      text.push_back(text_[position_]);
      ++position_;
      return true;
    }
    const auto c = escaped();
    if (c) {
      text.push_back(*c);
    }
    return c.has_value();
  }

  void atom() {
    std::string text;
    while (position_ < text_.size() && !ends_atom(text_[position_])) {
      if (!add_character(text)) {
        ++position_;
      }
    }
    const Token::Kind kind = is_quoted(text) ? Token::Kind::quoted : Token::Kind::atom;
    tokens_.push_back(Token{kind, std::move(text)});
  }

  std::string_view text_;
  std::size_t position_ = 0;
  std::vector<Token> tokens_;
};

void append_escaped(std::string& to, std::string_view text) {
  constexpr std::string_view kEscaped = "()[]\"\\\r\n";
  for (const char c : text) {
    if (kEscaped.find(c) != std::string_view::npos) {
      to.push_back('\\');
    }
    to.push_back(c);
  }
}

void append_enclosed(std::string& to, char begin, std::string_view text, char end) {
  to.push_back(begin);
  append_escaped(to, text);
  to.push_back(end);
}

void append_token(std::string& to, const Token& token) {
  switch (token.kind) {
  case Token::Kind::atom:
    append_escaped(to, token.text);
    return;
  case Token::Kind::quoted:
    append_enclosed(to, '"', token.text, '"');
    return;
  case Token::Kind::literal:
    append_enclosed(to, '[', token.text, ']');
    return;
  case Token::Kind::comment:
    append_enclosed(to, '(', token.text, ')');
    return;
  case Token::Kind::left_angle:
    to.push_back('<');
    return;
  case Token::Kind::right_angle:
    to.push_back('>');
    return;
  case Token::Kind::at:
    to.push_back('@');
    return;
  case Token::Kind::comma:
    to.push_back(',');
    return;
  case Token::Kind::semicolon:
    to.push_back(';');
    return;
  case Token::Kind::colon:
    to.push_back(':');
    return;
  case Token::Kind::dot:
    to.push_back('.');
    return;
  }
}

bool blank_between(const Token& left, const Token& right) {
  return left.kind == Token::Kind::colon || right.kind == Token::Kind::left_angle ||
         (is_word(left) && is_word(right));
}

}  // namespace

bool is_word(const Token& token) {
  return token.kind == Token::Kind::atom || token.kind == Token::Kind::quoted ||
         token.kind == Token::Kind::literal || token.kind == Token::Kind::comment;
}

std::optional<std::vector<Token>> tokenize(std::string_view text) {
  return Tokenizer(text).run();
}

std::string print_token(const Token& token) {
  std::string text;
  append_token(text, token);
  return text;
}

std::string print_field(std::string_view name, const std::vector<Token>& tokens) {
  std::string field(name);
  field.push_back(':');
  std::size_t line_begin = 0;
  std::string element;
  for (std::size_t first = 0; first < tokens.size();) {
    // An element extends to its comma, inclusive.
    element.clear();
    std::size_t next = first;
    do {
      if (next > first && blank_between(tokens[next - 1], tokens[next])) {
        element.push_back(' ');
      }
      append_token(element, tokens[next]);
      ++next;
    } while (next < tokens.size() && tokens[next - 1].kind != Token::Kind::comma);
    if (first > 0 && field.size() - line_begin + 1 + element.size() > kFieldWidth) {
      field.push_back('\n');
      line_begin = field.size();
      field.push_back(' ');
    }
    field.push_back(' ');
    field.append(element);
    first = next;
  }
  field.push_back('\n');
  return field;
}

std::string plain_text(const std::vector<Token>& tokens) {
  std::string text;
  for (const Token& token : tokens) {
    switch (token.kind) {
    case Token::Kind::comment:
      break;
    case Token::Kind::quoted:
      text.append(token.text);
      break;
    case Token::Kind::literal:
      text.push_back('[');
      text.append(token.text);
      text.push_back(']');
      break;
    case Token::Kind::atom:
      text.append(token.text);
      break;
    case Token::Kind::left_angle:
    case Token::Kind::right_angle:
    case Token::Kind::at:
    case Token::Kind::comma:
    case Token::Kind::semicolon:
    case Token::Kind::colon:
    case Token::Kind::dot:
      append_token(text, token);
      break;
    }
  }
  return text;
}

}  // namespace reqmail::mail
