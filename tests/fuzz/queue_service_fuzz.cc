// Any bytes as a packet between an injector and qmailq: what is read from one means the same
// when it is written again.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "mail/queue_service.h"

namespace {

using namespace reqmail::mail;

void require(bool condition) {
  if (!condition) {
    std::abort();
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view packet(reinterpret_cast<const char*>(data), size);
  const auto opening = parse_queue_opening(packet);
  const auto greeting = parse_queue_greeting(packet);
  const auto result = parse_queue_result(packet);
  require((opening ? 1 : 0) + (greeting ? 1 : 0) + (result ? 1 : 0) <= 1);
  if (opening) {
    require(queue_opening(*opening) == packet);
  }
  if (greeting) {
    const auto again = parse_queue_greeting(queue_greeting(*greeting));
    require(again && again->number == greeting->number && again->program == greeting->program);
  }
  if (result) {
    require(parse_queue_result(queue_result(*result)) == result);
  }
  return 0;
}
