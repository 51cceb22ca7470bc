#include "upgrade/tls_hello.h"

#include <algorithm>
#include <cstdint>
#include <initializer_list>

#include "base/text.h"

namespace reqmail::upgrade {

namespace {

// The types of records and of handshake messages (RFC 5246).
constexpr unsigned char kAlert = 21;
constexpr unsigned char kHandshake = 22;
constexpr unsigned char kClientHello = 1;
constexpr unsigned char kServerHelloDone = 14;
constexpr unsigned char kMajorVersion = 3;
constexpr std::size_t kRecordHeader = 5;
constexpr std::size_t kMessageHeader = 4;
constexpr std::uint16_t kTls12 = 0x0303;

// ECDHE with AES-GCM and ChaCha20 for both types of keys, then suites of servers that do not
// have these.
constexpr std::initializer_list<std::uint16_t> kSuites = {
    0xc02b, 0xc02f, 0xc02c, 0xc030, 0xcca9, 0xcca8, 0x009e, 0x009c, 0x009d};
constexpr std::initializer_list<std::uint16_t> kGroups = {0x001d, 0x0017, 0x0018, 0x0019};
constexpr std::initializer_list<std::uint16_t> kSignatures = {
    0x0403, 0x0503, 0x0603, 0x0807, 0x0808, 0x0804, 0x0805, 0x0806, 0x0401, 0x0501, 0x0601};
constexpr std::uint16_t kGroupsExtension = 10;
constexpr std::uint16_t kPointFormats = 11;
constexpr std::uint16_t kSignaturesExtension = 13;
constexpr std::uint16_t kMasterSecret = 23;
constexpr std::uint16_t kRenegotiation = 0xff01;

char byte_of(std::size_t number) {
  return static_cast<char>(static_cast<unsigned char>(number & 0xff));
}

std::string two(std::size_t number) {
  return {byte_of(number >> 8), byte_of(number)};
}

std::string three(std::size_t number) {
  return byte_of(number >> 16) + two(number);
}

std::string list_of(std::initializer_list<std::uint16_t> numbers) {
  std::string bytes = two(numbers.size() * 2);
  for (const std::uint16_t number : numbers) {
    bytes += two(number);
  }
  return bytes;
}

std::string extension(std::uint16_t type, std::string_view content) {
  return base::concat({two(type), two(content.size()), content});
}

std::size_t number_at(std::string_view bytes, std::size_t place, std::size_t size) {
  std::size_t number = 0;
  for (std::size_t i = 0; i < size; ++i) {
    number = number << 8 | static_cast<unsigned char>(bytes[place + i]);
  }
  return number;
}

bool has_done(std::string_view messages) {
  while (messages.size() >= kMessageHeader) {
    if (static_cast<unsigned char>(messages[0]) == kServerHelloDone) {
      return true;
    }
    const std::size_t size = kMessageHeader + number_at(messages, 1, 3);
    messages.remove_prefix(std::min(size, messages.size()));
  }
  return false;
}

}  // namespace

std::string client_hello(std::string_view random) {
  const std::string extensions = base::concat(
      {extension(kGroupsExtension, list_of(kGroups)),
       extension(kPointFormats, std::string{byte_of(1), byte_of(0)}),
       extension(kSignaturesExtension, list_of(kSignatures)), extension(kMasterSecret, ""),
       extension(kRenegotiation, std::string(1, '\0'))});
  const std::string body =
      base::concat({two(kTls12), random, std::string(1, '\0'), list_of(kSuites),
                    std::string{byte_of(1), byte_of(0)}, two(extensions.size()), extensions});
  const std::string message = byte_of(kClientHello) + three(body.size()) + body;
  return byte_of(kHandshake) + two(kTls12) + two(message.size()) + message;
}

ServerFlight look_at_flight(std::string_view bytes) {
  std::string messages;
  while (bytes.size() >= kRecordHeader) {
    const auto type = static_cast<unsigned char>(bytes[0]);
    if (type == kAlert) {
      return ServerFlight::refused;
    }
    if (type != kHandshake || static_cast<unsigned char>(bytes[1]) != kMajorVersion) {
      return ServerFlight::foreign;
    }
    const std::size_t size = number_at(bytes, 3, 2);
    if (bytes.size() < kRecordHeader + size) {
      break;
    }
    messages += bytes.substr(kRecordHeader, size);
    bytes.remove_prefix(kRecordHeader + size);
  }
  return has_done(messages) ? ServerFlight::whole : ServerFlight::partial;
}

}  // namespace reqmail::upgrade
