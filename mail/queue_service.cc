#include "mail/queue_service.h"

#include <utility>

#include "base/number.h"
#include "base/text.h"
#include "mail/envelope.h"

namespace reqmail::mail {

namespace {

constexpr char kOpening = 'o';
constexpr char kGreeting = 'g';
constexpr char kResult = 'r';

// An exit code has eight bits.
constexpr std::uint64_t kCodeMax = 255;

std::string two_fields(char kind, std::string_view one, std::string_view other) {
  return base::concat({std::string_view(&kind, 1), one, kNul, other});
}

// Returns what is before and after the first NUL.
std::optional<std::pair<std::string_view, std::string_view>> parse_two_fields(
    char kind, std::string_view packet) {
  if (!packet.starts_with(kind)) {
    return std::nullopt;
  }
  packet.remove_prefix(1);
  const std::size_t end = packet.find(kNul);
  if (end == std::string_view::npos) {
    return std::nullopt;
  }
  return std::pair(packet.substr(0, end), packet.substr(end + 1));
}

}  // namespace

std::string queue_opening(const QueueOpening& opening) {
  return two_fields(kOpening, opening.release, opening.wishes);
}

std::optional<QueueOpening> parse_queue_opening(std::string_view packet) {
  const auto fields = parse_two_fields(kOpening, packet);
  if (!fields) {
    return std::nullopt;
  }
  return QueueOpening{std::string(fields->first), std::string(fields->second)};
}

std::string queue_greeting(const QueueGreeting& greeting) {
  return two_fields(kGreeting, base::decimal(greeting.number), greeting.program);
}

std::optional<QueueGreeting> parse_queue_greeting(std::string_view packet) {
  const auto fields = parse_two_fields(kGreeting, packet);
  const auto number = fields ? base::parse_u64(fields->first) : std::nullopt;
  if (!number) {
    return std::nullopt;
  }
  return QueueGreeting{*number, std::string(fields->second)};
}

std::string queue_result(int code) {
  return base::concat(
      {std::string_view(&kResult, 1), base::decimal(static_cast<std::uint64_t>(code))});
}

std::optional<int> parse_queue_result(std::string_view packet) {
  const auto code =
      packet.starts_with(kResult) ? base::parse_u64(packet.substr(1)) : std::nullopt;
  if (!code || *code > kCodeMax) {
    return std::nullopt;
  }
  return static_cast<int>(*code);
}

}  // namespace reqmail::mail
