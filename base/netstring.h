// Netstrings: `LENGTH:BYTES,` with a decimal length. What QMTP and QMQP are made of.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace reqmail::base {

// The most digits of a length; nobody writes so many zeros in front.
inline constexpr std::size_t kNetstringDigitsMax = 20;

// The length that begins a netstring, taken digit by digit, so that a reader never waits for
// more than it needs.
class NetstringLength {
 public:
  enum class State {
    more,
    // The colon was there; length() counts.
    complete,
    // Neither digit nor colon, or digits without end.
    malformed,
    // Above the limit; what follows was not looked at.
    too_large,
  };

  explicit NetstringLength(std::uint64_t limit) : limit_(limit) {}

  // Not to be called again after another state than `more`. No digit at all is length 0, as
  // qmail reads it.
  State feed(char c);

  [[nodiscard]] std::uint64_t length() const { return length_; }

 private:
  std::uint64_t limit_;
  std::uint64_t length_ = 0;
  std::size_t digits_ = 0;
};

// `data` as a netstring, at the end of `out`.
void append_netstring(std::string& out, std::string_view data);

}  // namespace reqmail::base
