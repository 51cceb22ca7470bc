#include "submit/queue_program.h"

#include <signal.h>

#include <utility>

#include "config.h"
#include "mail/verdict_codec.h"
#include "sys/env.h"
#include "sys/process.h"
#include "sys/signals.h"

namespace reqmail::submit {

namespace {

// Returns QMAILQUEUE or the path of qmail-queue, relative to qmail's home.
std::string queue_program() {
  const auto chosen = sys::environment_value("QMAILQUEUE");
  if (!chosen) {
    return "bin/qmail-queue";
  }
  // The "./" makes sure that it is not looked up in PATH.
  return chosen->find('/') == std::string::npos ? "./" + *chosen : *chosen;
}

}  // namespace

Result<QueueProgram> start_queue_program(std::optional<std::vector<std::string>> environment) {
  auto message = sys::make_pipe();
  if (!message) {
    return message.error();
  }
  auto envelope = sys::make_pipe();
  if (!envelope) {
    return envelope.error();
  }
  auto words = sys::make_pipe();
  if (!words) {
    return words.error();
  }
  for (const int end : {message->write.get(), envelope->write.get(), words->read.get()}) {
    sys::set_nonblocking(end);
  }
  // The caller must not be killed by SIGPIPE if the queue program ends early.
  sys::ignore_signals({SIGPIPE});
  sys::ChildSpec spec;
  spec.program = queue_program();
  spec.arguments = {spec.program};
  spec.descriptors = {{message->read.get(), 0},
                      {envelope->read.get(), 1},
                      {words->write.get(), 4},
                      {words->write.get(), 6}};
  spec.environment = std::move(environment);
  spec.directory = std::string(config::kHome);
  spec.exec_failed = mail::queue_exit::kNotExecuted;
  auto child = sys::spawn(spec);
  if (!child) {
    return child.error();
  }
  return QueueProgram{*std::move(child), std::move(message->write), std::move(envelope->write),
                      std::move(words->read)};
}

}  // namespace reqmail::submit
