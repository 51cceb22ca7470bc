#include "sys/deadline.h"

#include <signal.h>
#include <unistd.h>

#include "sys/signals.h"

namespace reqmail::sys {

namespace {

// The signal handler can reach its data only here. It is written before the alarm is set; the
// path is a single pointer, so it changes atomically.
Deadline::Ending ending_now = {};               // NOLINT(*-avoid-non-const-global-variables)
const char* volatile path_to_remove = nullptr;  // NOLINT(*-avoid-non-const-global-variables)

void time_is_up(int /*number*/) {
  (void)!::write(ending_now.fd, ending_now.text.data(), ending_now.text.size());
  const char* path = path_to_remove;
  if (path != nullptr) {
    (void)::unlink(path);
  }
  ::_exit(ending_now.code);
}

}  // namespace

Deadline::Deadline(base::Seconds limit, const Ending& ending) {
  ending_now = ending;
  path_to_remove = nullptr;
  struct sigaction action = {};
  action.sa_handler = time_is_up;
  (void)::sigaction(SIGALRM, &action, nullptr);
  unblock_signals({SIGALRM});
  (void)::alarm(static_cast<unsigned>(limit.count()));
}

Deadline::~Deadline() {
  (void)::alarm(0);
  path_to_remove = nullptr;
}

void Deadline::remove_at_end(const char* path) {
  path_to_remove = path;
}

}  // namespace reqmail::sys
