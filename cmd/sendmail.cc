// sendmail: the interface that other mail programs call, in terms of qmail's programs.
//
// Runs as: whoever calls it
// Reads: its arguments, its own name, PROTO
// Writes: complaints on descriptor 2; the environment of the program it becomes
// Executes: bin/qmail-inject, bin/qmail-smtpd (-bs), bin/qmail-qread (-bp, mailq)
// Trusts: its caller
// Exits: 100 bad usage, 111 temporary trouble; else the code of the program it becomes

#include <unistd.h>

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/text.h"
#include "config.h"
#include "sys/env.h"
#include "sys/exits.h"
#include "sys/fd.h"
#include "sys/file.h"
#include "sys/options.h"
#include "sys/process.h"
#include "sys/stream.h"

namespace {

using reqmail::base::concat;
using reqmail::sys::Environment;
using reqmail::sys::finish;
using reqmail::sys::kExitPermanent;
using reqmail::sys::kExitTemporary;
using reqmail::sys::Option;

constexpr char kOutOfMemory[] = "sendmail: fatal: out of memory\n";
constexpr std::string_view kUsage =
    "sendmail: usage: sendmail [ -t ] [ -fsender ] [ -Fname ] [ -bp ] [ -bs ] [ arg ... ]\n";

// What callers pass: -v -i -m -e -p -o -B -x -E -J say nothing to qmail. -E and -J take the
// rest of their word, which no letter for getopt(3) says.
constexpr std::string_view kOptions = "vimte:f:p:o:B:F:EJxb:";

// What qmail-smtpd finds in the environment when nobody listens on a port (tcp-environ(5)).
constexpr std::pair<std::string_view, std::string_view> kLocalSmtp[] = {
    {"RELAYCLIENT", ""},
    {"DATABYTES", "0"},
    {"PROTO", "TCP"},
    {"TCPLOCALIP", "127.0.0.1"},
    {"TCPLOCALHOST", "localhost"},
    {"TCPREMOTEIP", "127.0.0.1"},
    {"TCPREMOTEHOST", "localhost"},
    {"TCPREMOTEINFO", "sendmail-bs"},
};

[[noreturn]] void fail(int code, std::string_view text) {
  (void)reqmail::sys::write_all(STDERR_FILENO, text);
  finish(code);
}

[[noreturn]] void become(std::string_view program, std::vector<std::string> arguments,
                         const Environment& environment) {
  arguments.insert(arguments.begin(), std::string(program));
  (void)reqmail::sys::replace_program(concat({"bin/", program}), arguments,
                                      environment.strings());
  fail(kExitTemporary, concat({"sendmail: fatal: unable to run ", program, "\n"}));
}

[[noreturn]] void serve_smtp(Environment environment) {
  if (!environment.get("PROTO")) {
    for (const auto& [name, value] : kLocalSmtp) {
      environment.set(name, value);
    }
  }
  become("qmail-smtpd", {}, environment);
}

[[noreturn]] void list_queue(const Environment& environment) {
  become("qmail-qread", {}, environment);
}

// -f: qmail-inject makes From of the sender, and of nothing else.
void take_sender(Environment& environment, std::string_view sender) {
  for (const std::string_view name :
       {"QMAILNAME", "MAILNAME", "NAME", "MAILHOST", "QMAILHOST"}) {
    environment.unset(name);
  }
  const std::size_t at = sender.rfind('@');
  environment.set("QMAILUSER", sender.substr(0, at));
  if (at != std::string_view::npos) {
    environment.set("QMAILHOST", sender.substr(at + 1));
  }
}

struct Request {
  bool recipients_from_header = false;
  std::optional<std::string> sender;
  std::vector<std::string> recipients;
};

// -b: p and s act at once, whatever follows.
void take_mode(std::string_view mode, const Environment& environment) {
  switch (mode.empty() ? '\0' : mode.front()) {
  case 'm':
    return;
  case 'p':
    list_queue(environment);
  case 's':
    serve_smtp(environment);
  default:
    fail(kExitPermanent, kUsage);
  }
}

[[noreturn]] void refuse(std::string_view program, const Option& option) {
  const std::string_view why = option.kind == Option::Kind::missing_value
                                   ? ": option requires an argument -- "
                                   : ": illegal option -- ";
  fail(kExitPermanent,
       concat({program, why, std::string_view(&option.letter, 1), "\n", kUsage}));
}

Request parse(int argc, char** argv, std::string_view program, Environment& environment) {
  Request request;
  reqmail::sys::Options options(argc, argv, kOptions);
  while (auto option = options.next()) {
    if (option->kind != Option::Kind::known) {
      refuse(program, *option);
    }
    switch (option->letter) {
    case 't':
      request.recipients_from_header = true;
      break;
    case 'f':
      request.sender = std::move(option->value);
      break;
    case 'F':
      environment.set("MAILNAME", option->value);
      break;
    case 'b':
      take_mode(option->value, environment);
      break;
    case 'E':
    case 'J':
      options.skip_word();
      break;
    default:
      break;
    }
  }
  request.recipients = options.rest();
  return request;
}

}  // namespace

int main(int argc, char** argv) {
  reqmail::sys::fill_standard_descriptors();
  reqmail::sys::install_failure_exits(kExitTemporary, kExitTemporary, STDERR_FILENO,
                                      kOutOfMemory);
  if (!reqmail::sys::change_directory(std::string(reqmail::config::kHome))) {
    fail(kExitTemporary, "sendmail: fatal: unable to switch to qmail home directory\n");
  }
  std::string_view program = argc > 0 ? argv[0] : "sendmail";
  program.remove_prefix(program.rfind('/') + 1);
  Environment environment = Environment::current();
  const Request request = parse(argc, argv, program, environment);
  if (program == "mailq") {
    list_queue(environment);
  }
  if (program == "newaliases") {
    fail(kExitPermanent, "sendmail: fatal: please use fastforward/newaliases instead\n");
  }
  std::vector<std::string> arguments = {request.recipients_from_header ? "-H" : "-a"};
  if (request.sender) {
    take_sender(environment, *request.sender);
    arguments.insert(arguments.end(), {"-f", *request.sender});
  }
  arguments.emplace_back("--");
  arguments.insert(arguments.end(), request.recipients.begin(), request.recipients.end());
  become("qmail-inject", std::move(arguments), environment);
}
