#include "filter/milter_packets.h"

namespace reqmail::filter {

namespace {

constexpr std::size_t kNumberSize = 4;
constexpr unsigned kBitsOfByte = 8;

}  // namespace

std::optional<std::uint32_t> milter_number(std::string_view data) {
  if (data.size() < kNumberSize) {
    return std::nullopt;
  }
  std::uint32_t number = 0;
  for (const char c : data.substr(0, kNumberSize)) {
    number = number << kBitsOfByte | static_cast<unsigned char>(c);
  }
  return number;
}

void append_milter_number(std::string& out, std::uint32_t number) {
  for (unsigned shift = kBitsOfByte * kNumberSize; shift > 0; shift -= kBitsOfByte) {
    out.push_back(static_cast<char>(number >> (shift - kBitsOfByte) & 0xFFU));
  }
}

void append_milter_packet(std::string& out, char letter, std::string_view data) {
  append_milter_number(out, static_cast<std::uint32_t>(data.size() + 1));
  out.push_back(letter);
  out.append(data);
}

std::optional<std::vector<std::string_view>> milter_strings(std::string_view data) {
  std::vector<std::string_view> strings;
  while (!data.empty()) {
    const std::size_t end = data.find('\0');
    if (end == std::string_view::npos) {
      return std::nullopt;
    }
    strings.push_back(data.substr(0, end));
    data.remove_prefix(end + 1);
  }
  return strings;
}

std::optional<MilterPacket> MilterPacketReader::next() {
  const auto length = milter_number(bytes_);
  if (broken_ || !length) {
    return std::nullopt;
  }
  if (*length == 0 || *length > kMilterPacketMax) {
    broken_ = true;
    return std::nullopt;
  }
  if (bytes_.size() < kNumberSize + *length) {
    return std::nullopt;
  }
  MilterPacket packet{bytes_[kNumberSize], bytes_.substr(kNumberSize + 1, *length - 1)};
  bytes_.erase(0, kNumberSize + *length);
  return packet;
}

}  // namespace reqmail::filter
