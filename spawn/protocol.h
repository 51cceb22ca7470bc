// What qmail-send and a spawner say to each other (qmail-lspawn(8), qmail-rspawn(8)).
//
// The spawner begins with one byte, the number of deliveries it can run at a time. An order is
// a byte, the delivery number, and three fields, each ended by NUL: the message's name below
// queue/mess, the envelope sender, the recipient. A report is the delivery number, a text that
// begins with K, Z or D, and NUL.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace reqmail::spawn {

// The longest name of a message that is looked at.
inline constexpr std::size_t kMessageNameMax = 99;
// A longer field is more than any queue holds; its order is refused as too much to remember.
inline constexpr std::size_t kFieldMax = std::size_t{64} << 10;

struct Order {
  unsigned slot = 0;
  std::string message;
  std::string sender;
  std::string recipient;
  // A field was longer than kFieldMax and is not whole.
  bool overlong = false;
};

// Orders from a stream of bytes, however it is cut.
class OrderReader {
 public:
  // Uses up bytes at the beginning of `input`: all of them, or those of the order it returns.
  std::optional<Order> take(std::string_view& input);

 private:
  enum class Stage { slot, message, sender, recipient };

  [[nodiscard]] std::string& field();

  Stage stage_ = Stage::slot;
  Order order_;
};

// Why an order cannot be begun whatever the queue holds, with the text of the report. Returns
// nullopt if it can. `slots`: how many deliveries may run; `busy`: whether its slot is in use.
std::optional<Failure> refusal(const Order& order, unsigned slots, bool busy);

// A report as it is written. A NUL would end it, so that a text counts up to its first one.
std::string frame_report(unsigned slot, std::string_view text);

// The part of a recipient before its last '@', and the part behind it. refusal() has seen to
// it that there is one.
std::string_view local_part(const Order& order);
std::string_view domain(const Order& order);

}  // namespace reqmail::spawn
