// Command-line options as qmail's programs take them: parsing stops at the first word that is
// no option, at a lone
// "-", and behind "--".
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace reqmail::sys {

struct Option {
  enum class Kind { known, unknown, missing_value };
  Kind kind = Kind::known;
  char letter = '\0';
  std::string value;
};

class Options {
 public:
  // `letters` as for getopt(3): a colon behind a letter says that it takes a value. argv[0] is
  // skipped.
  Options(int argc, char** argv, std::string_view letters);

  // The next option, nothing when none is left.
  std::optional<Option> next();

  // Ignores what is left of the word that the last option stood in.
  void skip_word();

  // The words that are no options; valid after next() returned nothing.
  [[nodiscard]] std::vector<std::string> rest() const;

 private:
  std::vector<std::string> words_;
  std::string_view letters_;
  std::size_t word_ = 0;
  std::size_t position_ = 0;
};

}  // namespace reqmail::sys
