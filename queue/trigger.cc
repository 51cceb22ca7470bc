#include "queue/trigger.h"

#include <sys/stat.h>

#include <array>
#include <string>
#include <utility>

#include "mail/envelope.h"
#include "sys/file.h"
#include "sys/stream.h"

namespace reqmail::queue {

namespace {
constexpr const char* kTriggerPath = "lock/trigger";

// The most bytes read at once; after more than this the trigger is still readable at the next
// look.
constexpr std::size_t kReadAtOnce = std::size_t{64} << 10;

// Returns whether this is a FIFO that qmail-queue can write. A plain file would always be
// readable. qmail-queue runs as qmailq, which belongs to none of qmails' groups.
bool is_usable(const struct ::stat& status) {
  return S_ISFIFO(status.st_mode) && (status.st_mode & S_IWOTH) != 0;
}

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
  if (!status || !is_usable(*status)) {
    return temporary("lock/trigger is no FIFO that qmail-queue can write to");
  }
  auto writer = sys::open_write_nonblocking(kTriggerPath);
  if (!writer) {
    return writer.error();
  }
  read_ = std::move(*reader);
  write_ = std::move(*writer);
  return {};
}

void Trigger::read_empty() {
  std::array<char, 4096> buffer;
  for (std::size_t total = 0; total < kReadAtOnce;) {
    const auto count = sys::read_some(read_.get(), buffer.data(), buffer.size());
    if (!count || *count < buffer.size()) {
      return;
    }
    total += *count;
  }
}

bool Trigger::outdated() const {
  const auto there = sys::status(std::string(kTriggerPath));
  const auto ours = sys::status(read_.get());
  return !there || !ours || !is_usable(*there) || there->st_ino != ours->st_ino ||
         there->st_dev != ours->st_dev;
}

}  // namespace reqmail::queue
