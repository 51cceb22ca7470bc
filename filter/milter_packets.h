// The packets of the milter protocol: a length of four bytes in network order, a letter, data.
// Letters are those of libmilter's mfdef.h.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace reqmail::filter {

// The most data of one packet that every libmilter takes, and the longest packet that a milter
// may send.
inline constexpr std::size_t kMilterDataMax = 65535;
inline constexpr std::size_t kMilterPacketMax = std::size_t{1} << 20;

struct MilterPacket {
  char letter = '\0';
  std::string data;
};

void append_milter_packet(std::string& out, char letter, std::string_view data);

// A number of four bytes in network order; nullopt if `data` is shorter.
std::optional<std::uint32_t> milter_number(std::string_view data);
void append_milter_number(std::string& out, std::uint32_t number);

// The strings of a packet, each of which ends with NUL; nullopt if the last one does not.
std::optional<std::vector<std::string_view>> milter_strings(std::string_view data);

class MilterPacketReader {
 public:
  void add(std::string_view bytes) { bytes_.append(bytes); }

  // The next complete packet.
  std::optional<MilterPacket> next();

  // A length that no packet has: nothing after it can be understood.
  [[nodiscard]] bool is_broken() const { return broken_; }

  // Bytes of an unfinished or unread packet are there.
  [[nodiscard]] bool has_rest() const { return !bytes_.empty(); }

 private:
  std::string bytes_;
  bool broken_ = false;
};

}  // namespace reqmail::filter
