// qmail-inject: completes the header of a message and queues it.
//
// Runs as: whoever calls it
// Reads: the message on descriptor 0; QMAIL* variables, QMAILMFTFILE; control/me,
//   defaultdomain, defaulthost, dsn, idhost, plusdomain
// Writes: the completed message on descriptor 1 with -n, error messages on descriptor 2
// Executes: bin/qmail-queue, or QMAILQUEUE
// Trusts: its caller and qmail-queue's exit code
// Exits: 0 queued or printed, 100 permanent trouble, 111 temporary trouble

#include <signal.h>
#include <unistd.h>

#include <string>
#include <string_view>
#include <utility>

#include "base/text.h"
#include "mail/verdict_codec.h"
#include "submit/inject_message.h"
#include "submit/inject_settings.h"
#include "sys/exits.h"
#include "sys/options.h"
#include "sys/program.h"
#include "sys/signals.h"
#include "sys/stream.h"

namespace {

using reqmail::base::concat;
using reqmail::submit::InjectOptions;
using reqmail::submit::InjectRecipients;
using reqmail::sys::Option;

constexpr char kOutOfMemory[] = "qmail-inject: fatal: out of memory\n";

[[noreturn]] void fail(const reqmail::Failure& failure) {
  const std::string_view end = failure.text.find('\n') == std::string::npos ? "\n" : "";
  (void)reqmail::sys::write_all(STDERR_FILENO,
                                concat({"qmail-inject: fatal: ", failure.text, end}));
  reqmail::sys::finish(reqmail::mail::exit_code(failure.permanence));
}

// Reports an error as getopt(3) does, under the name by which the program was called.
[[noreturn]] void refuse(std::string_view program, const Option& option) {
  const std::string_view letter(&option.letter, 1);
  const std::string_view why = option.kind == Option::Kind::missing_value
                                   ? ": option requires an argument -- "
                                   : ": illegal option -- ";
  (void)reqmail::sys::write_all(
      STDERR_FILENO, concat({program.substr(program.rfind('/') + 1), why, letter, "\n"}));
  reqmail::sys::finish(reqmail::sys::kExitPermanent);
}

// Reports the first error in the arguments.
InjectOptions parse(int argc, char** argv, const reqmail::mail::AddressDefaults& defaults) {
  InjectOptions parsed;
  char from = 'A';
  reqmail::sys::Options options(argc, argv, "aAhHnNf:");
  while (auto option = options.next()) {
    if (option->kind != Option::Kind::known) {
      refuse(argc > 0 ? argv[0] : "qmail-inject", *option);
    }
    switch (option->letter) {
    case 'f': {
      auto sender = reqmail::submit::argument_sender(defaults, option->value);
      if (!sender) {
        fail(sender.error());
      }
      parsed.sender = std::move(*sender);
      break;
    }
    case 'n':
    case 'N':
      parsed.print = option->letter == 'n';
      break;
    default:
      from = option->letter;
      break;
    }
  }
  parsed.arguments = options.rest();
  if (from == 'H') {
    parsed.from = InjectRecipients::both;
  } else if (from == 'h' || (from == 'A' && parsed.arguments.empty())) {
    parsed.from = InjectRecipients::header;
  }
  return parsed;
}

}  // namespace

int main(int argc, char** argv) {
  const reqmail::sys::Program program({
      .out_of_memory_fd = STDERR_FILENO,
      .out_of_memory_text = kOutOfMemory,
  });
  reqmail::sys::ignore_signals({SIGPIPE});
  reqmail::sys::reset_child_signal();
  auto settings = reqmail::submit::load_inject_settings();
  if (!settings) {
    fail(settings.error());
  }
  const InjectOptions options = parse(argc, argv, settings->defaults);
  if (auto done = reqmail::submit::inject_message(std::move(*settings), options, STDIN_FILENO,
                                                  STDOUT_FILENO);
      !done) {
    fail(done.error());
  }
  reqmail::sys::finish(reqmail::sys::kExitSuccess);
}
