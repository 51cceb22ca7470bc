#include "sys/options.h"

namespace reqmail::sys {

Options::Options(int argc, char** argv, std::string_view letters) : letters_(letters) {
  for (int i = 1; i < argc; ++i) {
    words_.emplace_back(argv[i]);
  }
}

std::optional<Option> Options::next() {
  if (position_ == 0) {
    if (word_ >= words_.size() || words_[word_].size() < 2 || words_[word_][0] != '-') {
      return std::nullopt;
    }
    if (words_[word_] == "--") {
      ++word_;
      return std::nullopt;
    }
    position_ = 1;
  }
  const std::string& word = words_[word_];
  Option option;
  option.letter = word[position_];
  ++position_;
  const std::size_t known =
      option.letter == ':' ? std::string_view::npos : letters_.find(option.letter);
  const bool takes_value = known != std::string_view::npos && known + 1 < letters_.size() &&
                           letters_[known + 1] == ':';
  if (known == std::string_view::npos) {
    option.kind = Option::Kind::unknown;
  } else if (takes_value && position_ < word.size()) {
    option.value = word.substr(position_);
    position_ = word.size();
  } else if (takes_value && word_ + 1 < words_.size()) {
    ++word_;
    option.value = words_[word_];
    position_ = words_[word_].size();
  } else if (takes_value) {
    option.kind = Option::Kind::missing_value;
  }
  if (position_ >= words_[word_].size()) {
    ++word_;
    position_ = 0;
  }
  return option;
}

void Options::skip_word() {
  if (position_ > 0) {
    ++word_;
    position_ = 0;
  }
}

std::vector<std::string> Options::rest() const {
  return {words_.begin() + static_cast<std::ptrdiff_t>(word_), words_.end()};
}

}  // namespace reqmail::sys
