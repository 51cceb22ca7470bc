#include "queue/cleaner.h"

namespace reqmail::queue {

char clean(Files& files, mail::QueueLayout layout, const mail::CleanCommand& command) {
  const mail::QueueKind last =
      command.kind == mail::CleanKind::foop ? mail::QueueKind::mess : mail::QueueKind::todo;
  for (const mail::QueueKind kind : {mail::QueueKind::intd, last}) {
    if (!remove_if_there(files, layout.path(kind, command.id))) {
      return mail::kCleanFailed;
    }
  }
  return mail::kCleanDone;
}

}  // namespace reqmail::queue
