// Command-line options as qmail's programs parse them: parsing stops at the first word that is
// not an option, at a lone "-", and after "--".
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
  // `letters` are those of getopt(3): a colon after a letter means that it takes a value.
  // argv[0] is skipped.
  Options(int argc, char** argv, std::string_view letters);

  // Returns the next option; nullopt if there are no more.
  std::optional<Option> next();

  // Skips the rest of the word that contained the last option.
  void skip_word();

  // Returns the words that are not options; valid after next() has returned nullopt.
  [[nodiscard]] std::vector<std::string> rest() const;

 private:
  std::vector<std::string> words_;
  std::string_view letters_;
  std::size_t word_ = 0;
  std::size_t position_ = 0;
};

}  // namespace reqmail::sys
