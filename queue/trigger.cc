#include "queue/trigger.h"

#include <utility>

#include "mail/envelope.h"
#include "sys/file.h"
#include "sys/stream.h"

namespace reqmail::queue {

namespace {
constexpr const char* kTriggerPath = "lock/trigger";
}  // namespace

void pull_trigger() {
  const auto trigger = sys::open_write_nonblocking(kTriggerPath);
  if (trigger) {
    (void)sys::write_all(trigger->get(), mail::kNul);
  }
}

Result<void> Trigger::arm() {
  read_.close();
  write_.close();
  auto reader = sys::open_read_nonblocking(kTriggerPath);
  if (!reader) {
    return reader.error();
  }
  const auto status = sys::status(reader->get());
  if (!status || !S_ISFIFO(status->st_mode)) {
    // A plain file would look pulled for ever.
    return temporary("lock/trigger is no FIFO");
  }
  auto writer = sys::open_write_nonblocking(kTriggerPath);
  if (!writer) {
    return writer.error();
  }
  read_ = std::move(*reader);
  write_ = std::move(*writer);
  return {};
}

}  // namespace reqmail::queue
