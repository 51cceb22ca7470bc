#include "local/forwarder.h"

#include "base/text.h"
#include "queue/injector.h"
#include "sys/error.h"

namespace reqmail::local {

Result<pid_t> forward_message(MessageFile& message, const std::string& delivered_to_line,
                              const std::string& sender,
                              const std::vector<std::string>& recipients) {
  if (auto rewound = message.rewind(); !rewound) {
    return rewound.error();
  }
  auto injector = queue::Injector::start();
  if (!injector) {
    return temporary(base::concat({"Unable to fork: ", sys::error_text(injector.error().error),
                                   ". (#4.3.0)"}),
                     injector.error().error);
  }
  injector->message(delivered_to_line);
  for (;;) {
    const auto piece = message.next();
    if (!piece) {
      // The injector goes unfinished: nothing is queued.
      return piece.error();
    }
    if (piece->empty()) {
      break;
    }
    injector->message(*piece);
  }
  injector->sender(sender);
  for (const std::string& recipient : recipients) {
    injector->recipient(recipient);
  }
  const pid_t process = injector->pid();
  if (auto queued = injector->finish(); !queued) {
    return Failure{queued.error().permanence,
                   base::concat({"Unable to forward message: ", queued.error().text, "."}),
                   queued.error().error};
  }
  return process;
}

}  // namespace reqmail::local
