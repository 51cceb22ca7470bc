// The tokens of a structured header field (RFC 822 section 3.3, RFC 5322 section 3.2), and the
// form in which qmail-inject prints fields.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace reqmail::mail {

// The longest line of a printed field in bytes, unless a single element is longer.
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
  std::string text;  // the text of atom, quoted, literal and comment, else empty

  bool operator==(const Token&) const = default;
};

// Returns whether a token is an atom, quoted string, literal or comment. Adjacent words need a
// blank between them.
bool is_word(const Token& token);

// Returns the tokens of a field's value, a host name or an address. Returns nullopt if the text
// cannot be parsed: a quoted string, comment or literal is not closed, or a token begins with
// ')' or ']'. A backslash adds the next byte to the token, whatever it is. At the end of the
// text a backslash leaves a quoted string, comment or literal open; in an atom it is dropped.
std::optional<std::vector<Token>> tokenize(std::string_view text);

// Returns a token as a field shows it: quoted strings in quotes, and a backslash before ( ) [ ]
// " \ CR LF, in atoms too. Other bytes that a backslash has put into an atom are printed
// without it.
std::string print_token(const Token& token);

// Returns "name: value" with a final LF. It is folded after commas so that lines are at most
// kFieldWidth bytes long if possible. A blank follows commas and colons, precedes '<', and
// separates two words.
std::string print_field(std::string_view name, const std::vector<Token>& tokens);

// Returns an address in the form that the queue has: the texts of the tokens joined, without
// quotes, backslashes and comments.
std::string plain_text(const std::vector<Token>& tokens);

}  // namespace reqmail::mail
