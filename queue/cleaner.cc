#include "queue/cleaner.h"

#include <cerrno>

#include "mail/clean_command.h"

namespace reqmail::queue {

namespace {

char answer(bool removed) {
  return removed ? mail::kCleanDone : mail::kCleanFailed;
}

}  // namespace

char Cleaner::clean(const mail::CleanCommand& command) {
  return command.kind == mail::CleanKind::todo ? clean_todo(command.id) : clean_all(command.id);
}

char Cleaner::clean_todo(mail::MessageId id) {
  std::uint64_t& place = place_of(id);
  const auto intd = files_.unlink(layout_.path(mail::QueueKind::intd, id));
  if (intd) {
    place = id.number();
  } else if (place == id.number()) {
    place = 0;
  }
  return answer((intd || intd.error().error == ENOENT) &&
                remove_if_there(files_, layout_.path(mail::QueueKind::todo, id)));
}

char Cleaner::clean_all(mail::MessageId id) {
  std::uint64_t& place = place_of(id);
  const bool only_mess = place == id.number();
  const auto remove = [this](const std::string& path) {
    return remove_if_there(files_, path).has_value();
  };
  // mess/N comes last, since its number is free after that.
  const bool removed = (only_mess || (remove(layout_.path(mail::QueueKind::intd, id)) &&
                                      remove(layout_.dsn_path(id)))) &&
                       remove(layout_.path(mail::QueueKind::mess, id));
  if (removed && only_mess) {
    place = 0;
  }
  return answer(removed);
}

}  // namespace reqmail::queue
