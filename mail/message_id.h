// The number of a message in the queue: the inode number of its mess file.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace reqmail::mail {

class MessageId {
 public:
  explicit MessageId(std::uint64_t number) : number_(number) {}

  // Parses a complete file name. Returns nullopt for a name that is not a number, has leading
  // zeros or does not fit into 64 bits, since no message has such a name.
  static std::optional<MessageId> parse(std::string_view name);

  [[nodiscard]] std::uint64_t number() const { return number_; }

  [[nodiscard]] std::string text() const;

  friend auto operator<=>(const MessageId&, const MessageId&) = default;

  // Hundreds of thousands are sorted at once, and compilers that optimize for size do not
  // expand the one above in place.
  friend bool operator<(const MessageId& a, const MessageId& b) {
    return a.number_ < b.number_;
  }

 private:
  std::uint64_t number_;
};

}  // namespace reqmail::mail
