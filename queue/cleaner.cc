#include "queue/cleaner.h"

namespace reqmail::queue {

char clean(Files& files, mail::QueueLayout layout, const mail::CleanCommand& command) {
  const bool is_end = command.kind == mail::CleanKind::foop;
  const auto remove = [&](const std::string& path) {
    return remove_if_there(files, path).has_value();
  };
  // mess/N comes last, since its number is free after that.
  const bool removed =
      remove(layout.path(mail::QueueKind::intd, command.id)) &&
      (!is_end || remove(layout.dsn_path(command.id))) &&
      remove(layout.path(is_end ? mail::QueueKind::mess : mail::QueueKind::todo, command.id));
  return removed ? mail::kCleanDone : mail::kCleanFailed;
}

}  // namespace reqmail::queue
