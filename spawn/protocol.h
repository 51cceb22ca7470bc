// The protocol between qmail-send and a spawner (qmail-lspawn(8), qmail-rspawn(8)).
//
// The spawner begins with one byte, the number of deliveries that it can run at a time. An
// order consists of a byte, which is the delivery number, and three fields, each followed by
// NUL: the message's name below queue/mess, the envelope sender, and the recipient. A report
// consists of the delivery number, a text that begins with K, Z or D, and NUL.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace reqmail::spawn {

// The longest name of a message that is accepted.
inline constexpr std::size_t kMessageNameMax = 99;
// A field in a queue is never longer than this; an order with a longer one is refused.
inline constexpr std::size_t kFieldMax = std::size_t{64} << 10;

struct Order {
  unsigned slot = 0;
  std::string message;
  std::string sender;
  std::string recipient;
  // Whether a field was longer than kFieldMax and was cut.
  bool overlong = false;
};

// Parses orders from a stream of bytes that comes in any pieces.
class OrderReader {
 public:
  // Removes bytes from the beginning of `input`: those of the returned order, or all.
  std::optional<Order> take(std::string_view& input);

 private:
  enum class Stage { slot, message, sender, recipient };

  [[nodiscard]] std::string& field();

  Stage stage_ = Stage::slot;
  Order order_;
};

// Returns the reason why an order cannot be begun, independent of the queue, with the text of
// the report; nullopt if it can. `slots` is the number of deliveries that may run; `busy` says
// whether the order's slot is in use.
std::optional<Failure> refusal(const Order& order, unsigned slots, bool busy);

// Returns a report as it is written. The text is cut at its first NUL, which would end the
// report.
std::string frame_report(unsigned slot, std::string_view text);

// Return the parts of a recipient before and after its last '@'. refusal() must have accepted
// the order, since a recipient without '@' is refused.
std::string_view local_part(const Order& order);
std::string_view domain(const Order& order);

}  // namespace reqmail::spawn
