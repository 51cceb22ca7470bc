#include "filter/milter_event_data.h"

#include "base/ascii.h"
#include "base/ip_address.h"
#include "base/text.h"
#include "filter/milter_packets.h"

namespace reqmail::filter {

namespace {

constexpr std::string_view kEnd("\0", 1);
constexpr std::string_view kUnknown = "U";

}  // namespace

std::string milter_connect_data(std::string_view host, std::string_view address,
                                std::uint16_t port) {
  constexpr unsigned kBitsOfByte = 8;
  const auto ip = base::IpAddress::parse(address);
  if (!ip) {
    return base::concat({host, kEnd, kUnknown});
  }
  const char family = ip->family() == base::Family::v4 ? '4' : '6';
  const char rest[] = {family, static_cast<char>(port >> kBitsOfByte),
                       static_cast<char>(port & 0xFFU)};
  return base::concat({host, kEnd, std::string_view(rest, sizeof rest), ip->text(), kEnd});
}

std::string milter_helo_data(std::string_view name) {
  return base::concat({name, kEnd});
}

std::string milter_address_data(std::string_view address, std::string_view parameters) {
  std::string data = base::concat({"<", address, ">", kEnd});
  for (const std::string_view parameter : base::split(parameters, ' ')) {
    if (!parameter.empty()) {
      data += base::concat({parameter, kEnd});
    }
  }
  return data;
}

std::string milter_field_data(std::string_view name, std::string_view raw, bool keep_space) {
  std::string_view value = raw.substr(raw.find(':') + 1);
  if (value.ends_with('\n')) {
    value.remove_suffix(1);
  }
  if (!keep_space && value.starts_with(' ')) {
    value.remove_prefix(1);
  }
  std::string data = base::concat({name.substr(0, kMilterDataMax / 2), kEnd});
  // A string cannot have a NUL.
  for (const char c : with_crlf(value)) {
    data.push_back(c == '\0' ? ' ' : c);
  }
  if (data.size() >= kMilterDataMax) {
    data.resize(kMilterDataMax - 1);
  }
  data.append(kEnd);
  return data;
}

std::string with_crlf(std::string_view text) {
  std::string out;
  out.reserve(text.size() + text.size() / 32);
  for (const char c : text) {
    if (c == '\n') {
      out.push_back('\r');
    }
    out.push_back(c);
  }
  return out;
}

}  // namespace reqmail::filter
