#include "listen/handover.h"

#include <sys/types.h>

#include <cstdint>
#include <limits>

#include "base/number.h"
#include "base/text.h"
#include "base/words.h"

namespace reqmail::listen {

namespace {

constexpr std::string_view kSocket = "socket";
constexpr std::string_view kConnection = "connection";

// Descriptors and process IDs have the range of int.
std::optional<int> number_of(std::string_view word, int least) {
  const auto number = base::parse_u64(word);
  if (!number || *number < static_cast<std::uint64_t>(least) ||
      *number > static_cast<std::uint64_t>(std::numeric_limits<int>::max())) {
    return std::nullopt;
  }
  return static_cast<int>(*number);
}

bool take_line(std::string_view line, Handover& handover) {
  constexpr int kFirstSocket = 3;
  const std::string_view kind = base::take_word(line);
  const std::string_view number = base::take_word(line);
  if (kind == kSocket) {
    const auto descriptor = number_of(number, kFirstSocket);
    handover.sockets.push_back(descriptor.value_or(-1));
    return descriptor.has_value();
  }
  const auto process = number_of(number, 1);
  const auto client = base::IpAddress::parse(base::take_word(line));
  if (kind != kConnection || !process || !client) {
    return false;
  }
  handover.connections.begin(*process, *client);
  return true;
}

}  // namespace

std::string encode_handover(const Handover& handover) {
  std::string text;
  for (const int socket : handover.sockets) {
    text +=
        base::concat({kSocket, " ", base::decimal(static_cast<std::uint64_t>(socket)), "\n"});
  }
  for (const auto& [process, client] : handover.connections.clients()) {
    text += base::concat({kConnection, " ", base::decimal(static_cast<std::uint64_t>(process)),
                          " ", client.text(), "\n"});
  }
  return text;
}

std::optional<Handover> decode_handover(std::string_view text) {
  Handover handover;
  for (const std::string_view line : base::lines(text)) {
    if (!take_line(line, handover)) {
      return std::nullopt;
    }
  }
  return handover;
}

}  // namespace reqmail::listen
