#include "local/forwarder.h"

#include <optional>
#include <utility>
#include <variant>

#include "base/text.h"
#include "submit/injector.h"
#include "sys/error.h"

namespace reqmail::local {

namespace {

enum class Step { start, read, queue };

struct Trouble {
  Step step;
  Failure failure;
};

// Passes the message from its current position on to the queue program. Returns the process ID
// of that program, or what failed.
std::variant<pid_t, Trouble> inject(MessageFile& message, const std::string& first_line,
                                    const std::string& sender,
                                    const std::vector<std::string>& recipients,
                                    std::optional<std::vector<std::string>> environment) {
  auto injector = submit::Injector::start(std::move(environment));
  if (!injector) {
    return Trouble{Step::start, injector.error()};
  }
  injector->message(first_line);
  for (;;) {
    const auto piece = message.next();
    if (!piece) {
      // The injector is destroyed without finish(), so nothing is queued.
      return Trouble{Step::read, piece.error()};
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
    return Trouble{Step::queue, queued.error()};
  }
  return process;
}

}  // namespace

Result<pid_t> forward_message(MessageFile& message, const std::string& delivered_to_line,
                              const std::string& sender,
                              const std::vector<std::string>& recipients,
                              const std::vector<std::string>& environment) {
  if (auto rewound = message.rewind(); !rewound) {
    return rewound.error();
  }
  const auto outcome = inject(message, delivered_to_line, sender, recipients, environment);
  const auto* trouble = std::get_if<Trouble>(&outcome);
  if (trouble == nullptr) {
    return std::get<pid_t>(outcome);
  }
  const Failure& failure = trouble->failure;
  switch (trouble->step) {
  case Step::start:
    return temporary(
        base::concat({"Unable to fork: ", sys::error_text(failure.error), ". (#4.3.0)"}),
        failure.error);
  case Step::read:
    return failure;
  case Step::queue:
    break;
  }
  return Failure{failure.permanence,
                 base::concat({"Unable to forward message: ", failure.text, "."}),
                 failure.error};
}

Result<pid_t> resend_message(int fd, const std::string& delivered_to_line,
                             const std::string& sender,
                             const std::vector<std::string>& recipients) {
  MessageFile message(fd);
  const auto outcome = inject(message, delivered_to_line, sender, recipients, std::nullopt);
  const auto* trouble = std::get_if<Trouble>(&outcome);
  if (trouble == nullptr) {
    return std::get<pid_t>(outcome);
  }
  const Failure& failure = trouble->failure;
  switch (trouble->step) {
  case Step::start:
    return temporary(base::concat({"unable to fork: ", sys::error_text(failure.error)}));
  case Step::read:
    return temporary(
        base::concat({"unable to read message: ", sys::error_text(failure.error)}));
  case Step::queue:
    break;
  }
  return failure;
}

}  // namespace reqmail::local
