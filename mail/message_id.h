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

  // The whole of a file name as a number, or nothing: names that are no numbers, have leading
  // zeros, or do not fit 64 bits name no message.
  static std::optional<MessageId> parse(std::string_view name);

  [[nodiscard]] std::uint64_t number() const { return number_; }

  [[nodiscard]] std::string text() const;

  friend auto operator<=>(const MessageId&, const MessageId&) = default;

 private:
  std::uint64_t number_;
};

}  // namespace reqmail::mail
