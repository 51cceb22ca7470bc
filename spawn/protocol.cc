#include "spawn/protocol.h"

#include <algorithm>
#include <utility>

#include "base/ascii.h"
#include "mail/address.h"

namespace reqmail::spawn {

namespace {

bool is_message_name(std::string_view name) {
  return name.empty() ||
         (name.front() != '/' && std::all_of(name.begin(), name.end(), [](char c) {
            return base::is_digit(c) || c == '/';
          }));
}

}  // namespace

std::string& OrderReader::field() {
  switch (stage_) {
  case Stage::sender:
    return order_.sender;
  case Stage::recipient:
    return order_.recipient;
  case Stage::slot:
  case Stage::message:
    break;
  }
  return order_.message;
}

std::optional<Order> OrderReader::take(std::string_view& input) {
  while (!input.empty()) {
    if (stage_ == Stage::slot) {
      order_ = Order();
      order_.slot = static_cast<unsigned char>(input.front());
      input.remove_prefix(1);
      stage_ = Stage::message;
      continue;
    }
    const std::size_t end = input.find('\0');
    const std::string_view piece = input.substr(0, end);
    std::string& target = field();
    order_.overlong = order_.overlong || piece.size() > kFieldMax - target.size();
    target.append(piece.substr(0, kFieldMax - target.size()));
    if (end == std::string_view::npos) {
      input = {};
      break;
    }
    input.remove_prefix(end + 1);
    if (stage_ == Stage::recipient) {
      stage_ = Stage::slot;
      return std::move(order_);
    }
    stage_ = stage_ == Stage::message ? Stage::sender : Stage::recipient;
  }
  return std::nullopt;
}

std::optional<Failure> refusal(const Order& order, unsigned slots, bool busy) {
  if (order.overlong) {
    return temporary("qmail-spawn out of memory. (#4.3.0)\n");
  }
  if (order.slot >= slots) {
    return temporary("Internal error: delnum too big. (#4.3.5)\n");
  }
  if (busy) {
    return temporary("Internal error: delnum in use. (#4.3.5)\n");
  }
  if (!is_message_name(order.message)) {
    return permanent("Internal error: messid has nonnumerics. (#5.3.5)\n");
  }
  if (order.message.size() > kMessageNameMax) {
    return permanent("Internal error: messid too long. (#5.3.5)\n");
  }
  if (order.message.empty()) {
    return permanent("Internal error: messid too short. (#5.3.5)\n");
  }
  if (!mail::split_address(order.recipient).has_domain) {
    return permanent("Sorry, address must include host name. (#5.1.3)\n");
  }
  return std::nullopt;
}

std::string frame_report(unsigned slot, std::string_view text) {
  const std::string_view shown = text.substr(0, text.find('\0'));
  std::string frame;
  frame.reserve(shown.size() + 2);
  frame += static_cast<char>(slot);
  frame += shown;
  frame += '\0';
  return frame;
}

std::string_view local_part(const Order& order) {
  return mail::split_address(order.recipient).local;
}

std::string_view domain(const Order& order) {
  return mail::split_address(order.recipient).domain;
}

}  // namespace reqmail::spawn
