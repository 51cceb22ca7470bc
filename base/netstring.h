// Netstrings, `LENGTH:BYTES,` with a decimal length, of which QMTP and QMQP consist.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace reqmail::base {

// The largest number of digits in a length; more leading zeros are not accepted.
inline constexpr std::size_t kNetstringDigitsMax = 20;

// Parses the length of a netstring digit by digit, so that a reader never waits for more bytes
// than it needs.
class NetstringLength {
 public:
  enum class State {
    more,
    // The colon has come; length() is valid.
    complete,
    // A character is neither a digit nor a colon, or there are too many digits.
    malformed,
    // The length is above the limit; the characters after it were not examined.
    too_large,
  };

  explicit NetstringLength(std::uint64_t limit) : limit_(limit) {}

  // Must not be called again after it has returned another state than `more`. Without any digit
  // the length is 0, as in qmail.
  State feed(char c);

  [[nodiscard]] std::uint64_t length() const { return length_; }

 private:
  std::uint64_t limit_;
  std::uint64_t length_ = 0;
  std::size_t digits_ = 0;
};

// Appends `data` as a netstring to `out`.
void append_netstring(std::string& out, std::string_view data);

}  // namespace reqmail::base
