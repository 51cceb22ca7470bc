// Any bytes as an address that may be one of SRS, and as a sender: what is made of a sender
// comes back, and nothing else does.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "auth822/srs.h"

namespace {

using namespace reqmail::auth822;

constexpr std::uint64_t kNow = 1700000000;

void require(bool condition) {
  if (!condition) {
    std::abort();
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  SrsSettings settings;
  settings.domain = "fwd.example";
  settings.secrets = {"secret"};
  const SrsSender back = srs_reverse(text, settings, kNow);
  require(looks_like_srs(text) == (back.fault != SrsFault::not_srs));
  require(back.fault != SrsFault::none || back.address.find('@') != std::string::npos);
  if (const auto rewritten = srs_forward(text, settings, kNow)) {
    require(looks_like_srs(*rewritten));
    const SrsSender sender = srs_reverse(*rewritten, settings, kNow);
    if (!looks_like_srs(text) && text.find('=') == std::string_view::npos) {
      require(sender.fault == SrsFault::none && sender.address == text);
    }
  }
  return 0;
}
