// Carries out the commands of qmail-clean.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "mail/clean_command.h"
#include "mail/queue_names.h"
#include "queue/files.h"

namespace reqmail::queue {

class Cleaner {
 public:
  Cleaner(Files& files, mail::QueueLayout layout) : files_(files), layout_(layout) {}

  // Removes the files of a command; it is no error if a file does not exist. Returns
  // mail::kCleanDone or mail::kCleanFailed.
  char clean(const mail::CleanCommand& command);

 private:
  // A message whose intd/N was there with its todo/N has no mess/S/N.dsn (queue/writer.h), and
  // both are gone: only mess/S/N is left to remove. So many of the last such messages are
  // remembered, each at the place that its number gives; for others all files are tried.
  static constexpr std::size_t kRemembered = 4096;

  [[nodiscard]] std::uint64_t& place_of(mail::MessageId id) {
    return only_mess_[id.number() % kRemembered];
  }

  char clean_todo(mail::MessageId id);
  char clean_all(mail::MessageId id);

  Files& files_;
  mail::QueueLayout layout_;
  // 0 where there is none.
  std::array<std::uint64_t, kRemembered> only_mess_{};
};

}  // namespace reqmail::queue
