// The words of a structured header field (RFC 822 section 3.3, RFC 5322 section 3.2), and
// fields printed from them as qmail-inject prints them.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace reqmail::mail {

// Lines of a printed field are at most this long, unless one element alone is longer.
inline constexpr std::size_t kFieldWidth = 78;

struct Token {
  enum class Kind {
    atom,
    quoted,   // the text of a quoted string, without quotes and backslashes; an atom with ')',
              // ']', a backslash, a control character or a byte above 126 in it counts as one
    literal,  // the text between square brackets
    comment,  // the text between parentheses; inner parentheses are dropped
    left_angle,
    right_angle,
    at,
    comma,
    semicolon,
    colon,
    dot,
  };

  Kind kind = Kind::atom;
  std::string text;  // of atom, quoted, literal and comment; else empty

  bool operator==(const Token&) const = default;
};

// Atoms, quoted strings, literals and comments: what a blank keeps apart.
bool is_word(const Token& token);

// The tokens of a field's value, a host name or an address. Nothing where the text cannot be
// read: an open quote, comment or literal, or a token that begins with ')' or ']'. A backslash
// takes the byte behind it into the token, whatever that byte is; one that ends the text leaves
// a quoted string, comment or literal open, and is dropped from an atom.
std::optional<std::vector<Token>> tokenize(std::string_view text);

// A token as a field shows it: quoted strings in quotes, and a backslash in front of ( ) [ ] "
// \ CR LF, in atoms too. Any other byte that a backslash took into an atom stands there bare.
std::string print_token(const Token& token);

// "name: value" with a final LF: folded behind commas so that lines stay within kFieldWidth
// where they can; a blank behind commas and colons, in front of '<' and between two words.
std::string print_field(std::string_view name, const std::vector<Token>& tokens);

// An address as the queue holds it: the tokens' texts side by side, without quotes,
// backslashes and comments.
std::string plain_text(const std::vector<Token>& tokens);

}  // namespace reqmail::mail
