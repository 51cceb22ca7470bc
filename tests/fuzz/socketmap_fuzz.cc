// Answers of a socketmap server, in pieces, and the policies in them.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "filter/socketmap.h"
#include "remote/domain_policy.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using reqmail::filter::SocketmapAnswer;
  if (size == 0) {
    return 0;
  }
  // The first byte is the size of the pieces.
  const std::size_t piece = std::max<std::size_t>(data[0], 1);
  std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  reqmail::filter::SocketmapReader reader;
  while (!bytes.empty()) {
    const auto answer = reader.feed(bytes.substr(0, piece));
    if (answer) {
      if (answer->status != SocketmapAnswer::Status::found && !answer->value.empty()) {
        std::abort();
      }
      (void)reqmail::remote::parse_policy(answer->value);
      break;
    }
    bytes.remove_prefix(std::min(piece, bytes.size()));
  }
  return 0;
}
