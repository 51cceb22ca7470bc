#include "scheduler/message.h"

namespace reqmail::scheduler {

std::string_view trouble_of(const Message& message) {
  if ((message.end == End::none) == message.all_through()) {
    return "a message leaves if all its recipients are done, and then alone";
  }
  if (message.bounce == Bounce::running &&
      (message.end != End::due || message.stage == Stage::ending)) {
    return "a bounce is queued for a message on its way out";
  }
  if (message.end == End::without_info && message.bounce != Bounce::none) {
    return "info/N goes after bounce/N";
  }
  if (message.stage == Stage::ending && message.end != End::without_info) {
    return "mess/N goes after info/N";
  }
  return {};
}

}  // namespace reqmail::scheduler
