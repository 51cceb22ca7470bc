#include "filter/socketmap.h"

#include <algorithm>
#include <array>

#include "base/narrow.h"
#include "base/text.h"

namespace reqmail::filter {

namespace {

// A place has no options.
constexpr std::array<std::string_view, 1> kNoFallbacks = {""};

SocketmapAnswer parse_answer(std::string_view text) {
  const std::size_t blank = text.find(' ');
  const std::string_view word = text.substr(0, blank);
  if (word == "OK" && blank != std::string_view::npos) {
    return {SocketmapAnswer::Status::found, std::string(text.substr(blank + 1))};
  }
  if (word == "NOTFOUND") {
    return {SocketmapAnswer::Status::not_found};
  }
  return {};
}

}  // namespace

Result<SocketmapPlace> parse_socketmap_place(std::string_view text) {
  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos || colon + 1 == text.size()) {
    return permanent("no name of a map");
  }
  if (text.find(',') != std::string_view::npos) {
    return permanent("it has options");
  }
  auto service = parse_service_line(text.substr(0, colon), kNoFallbacks);
  if (!service) {
    return service.error();
  }
  return SocketmapPlace{std::move(*service), std::string(text.substr(colon + 1))};
}

std::string socketmap_request(std::string_view map, std::string_view key) {
  std::string request;
  base::append_netstring(request, base::concat({map, " ", key}));
  return request;
}

std::optional<SocketmapAnswer> SocketmapReader::feed(std::string_view bytes) {
  while (!has_length_ && !bytes.empty()) {
    const auto state = length_.feed(bytes.front());
    bytes.remove_prefix(1);
    if (state == base::NetstringLength::State::malformed ||
        state == base::NetstringLength::State::too_large) {
      return SocketmapAnswer{};
    }
    has_length_ = state == base::NetstringLength::State::complete;
  }
  if (!has_length_) {
    return std::nullopt;
  }
  const auto size = base::narrow<std::size_t>(length_.length());
  text_.append(bytes.substr(0, size + 1 - text_.size()));
  if (text_.size() <= size) {
    return std::nullopt;
  }
  return text_.back() == ',' ? parse_answer(std::string_view(text_).substr(0, size))
                             : SocketmapAnswer{};
}

}  // namespace reqmail::filter
