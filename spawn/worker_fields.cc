#include "spawn/worker_fields.h"

#include "base/packet_number.h"
#include "base/text.h"

namespace reqmail::spawn {

std::string packet_of_fields(std::uint32_t number,
                             const std::vector<std::string_view>& fields) {
  std::string packet = base::packet_number(number);
  for (const std::string_view field : fields) {
    packet += field;
    packet += '\0';
  }
  return packet;
}

std::optional<PacketFields> fields_of_packet(std::string_view packet, std::size_t least,
                                             std::size_t most) {
  if (packet.size() < base::kPacketNumberSize) {
    return std::nullopt;
  }
  const auto fields = base::split(packet.substr(base::kPacketNumberSize), '\0');
  // Nothing is behind the last NUL.
  if (fields.size() < least + 1 || fields.size() > most + 1 || !fields.back().empty()) {
    return std::nullopt;
  }
  PacketFields found;
  found.number = base::number_of_packet(packet);
  found.fields.assign(fields.begin(), fields.end() - 1);
  return found;
}

}  // namespace reqmail::spawn
