// The frames that qmail-smtpd and qmail-mailauth exchange over their socket pair: a netstring
// that holds a letter, which says what the frame is, and fields, each a netstring again. Both
// ends read what the other one wrote with limits of their own.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/netstring.h"

namespace reqmail::judge {

// A frame with more bytes is none.
inline constexpr std::size_t kFrameMax = std::size_t{4} << 20;

class FrameWriter {
 public:
  explicit FrameWriter(char letter) : content_(1, letter) {}

  FrameWriter& text(std::string_view value);
  FrameWriter& number(std::uint64_t value);
  FrameWriter& flag(bool value);
  FrameWriter& texts(const std::vector<std::string>& values);

  // The whole frame.
  [[nodiscard]] std::string frame() const;

 private:
  std::string content_;
};

// Reads the fields of a frame in the order in which they were written. A field that is missing
// or of another form makes the whole frame nonsense, which ok() tells once at the end; until
// then every read returns an empty value.
class FrameReader {
 public:
  // `content` must outlive the reader.
  explicit FrameReader(std::string_view content);

  // The letter; NUL if the frame is empty.
  [[nodiscard]] char letter() const { return letter_; }

  // At most `max` bytes of the field.
  std::string text(std::size_t max);

  // The same, with every byte outside 32..126 as "?".
  std::string shown_text(std::size_t max);

  std::uint64_t number();

  bool flag() { return number() != 0; }

  // A number that is at most `last`.
  std::uint64_t number_up_to(std::uint64_t last);

  // At most `count` of the texts, each cut as text() does it.
  std::vector<std::string> texts(std::size_t count, std::size_t max);

  // Whether every field could be read, and none is left.
  [[nodiscard]] bool ok() const { return ok_ && rest_.empty(); }

 private:
  std::string_view field();

  char letter_ = '\0';
  std::string_view rest_;
  bool ok_ = true;
};

// Cuts a stream into frames.
class FrameSplitter {
 public:
  void feed(std::string_view bytes);

  // The content of the next frame; nullopt if it has not come yet, or the stream is broken. The
  // view lives until the next call of feed().
  std::optional<std::string_view> next();

  // The stream has something that is no frame; there will be no more.
  [[nodiscard]] bool broken() const { return broken_; }

 private:
  std::string buffer_;
  std::size_t begin_ = 0;
  bool broken_ = false;
};

}  // namespace reqmail::judge
