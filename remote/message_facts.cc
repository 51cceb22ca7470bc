#include "remote/message_facts.h"

#include <unistd.h>

#include <cerrno>
#include <string>
#include <string_view>

#include "proto/smtp_data_out.h"
#include "sys/file.h"

namespace reqmail::remote {

namespace {

constexpr std::size_t kPiece = 65536;

class Counter {
 public:
  explicit Counter(bool fold) : fold_(fold) {}

  void add(std::string_view piece) {
    facts_.size += piece.size();
    for (const char c : piece) {
      if (c == '\n' && last_ != '\r') {
        ++facts_.size;
      }
      if (fold_) {
        count_folds(c);
      }
      if (static_cast<unsigned char>(c) > 127) {
        facts_.eight_bit = true;
        facts_.eight_bit_header = facts_.eight_bit_header || in_header_;
      }
      if (c == '\n') {
        in_header_ = in_header_ && !line_is_empty_;
        line_is_empty_ = true;
      } else {
        line_is_empty_ = line_is_empty_ && c == '\r';
      }
      last_ = c;
    }
  }

  [[nodiscard]] const proto::MessageFacts& facts() const { return facts_; }

 private:
  // Counts the bytes that the encoder adds. A CR may turn out to belong to the line end, so it
  // counts with the byte after it.
  void count_folds(char c) {
    if (c == '\n') {
      length_ = 0;
      return;
    }
    count_byte(last_ == '\r');
    count_byte(c != '\r');
  }

  void count_byte(bool counts) {
    if (!counts) {
      return;
    }
    if (length_ == proto::kFoldedLineMax) {
      constexpr std::size_t kFold = 3;  // CR LF and a blank
      facts_.size += kFold;
      length_ = 1;
    }
    ++length_;
  }

  bool fold_;
  std::size_t length_ = 0;
  proto::MessageFacts facts_;
  char last_ = '\0';
  // The header ends with the first empty line.
  bool in_header_ = true;
  bool line_is_empty_ = true;
};

}  // namespace

std::optional<proto::MessageFacts> look_at_message(int message, bool fold) {
  off_t at = ::lseek(message, 0, SEEK_CUR);
  if (at < 0) {
    return std::nullopt;
  }
  Counter counter(fold);
  std::string piece(kPiece, '\0');
  for (;;) {
    const ssize_t count = ::pread(message, piece.data(), piece.size(), at);
    if (count == 0) {
      return counter.facts();
    }
    if (count < 0 && errno != EINTR) {
      return std::nullopt;
    }
    if (count > 0) {
      counter.add(std::string_view(piece).substr(0, static_cast<std::size_t>(count)));
      at += count;
    }
  }
}

std::optional<std::uint64_t> size_of_message(int message) {
  const auto status = sys::status(message);
  const off_t at = ::lseek(message, 0, SEEK_CUR);
  if (!status || !S_ISREG(status->st_mode) || at < 0 || at > status->st_size) {
    return std::nullopt;
  }
  return static_cast<std::uint64_t>(status->st_size - at);
}

}  // namespace reqmail::remote
