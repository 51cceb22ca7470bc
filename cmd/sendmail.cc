// sendmail: the interface that other mail programs call, in terms of qmail's programs.
//
// Runs as: whoever calls it
// Reads: its arguments, its own name, PROTO
// Writes: error messages on descriptor 2; the environment of the program it becomes
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
#include "submit/inject_settings.h"
#include "submit/inject_wishes.h"
#include "sys/env.h"
#include "sys/exits.h"
#include "sys/options.h"
#include "sys/process.h"
#include "sys/program.h"
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

// The options that callers use; all except -t -f -r -F -b -N -R -V are
// ignored. -E and -J also take the
// rest of their word, which getopt(3) letters cannot express.
constexpr std::string_view kOptions = "A:B:C:EF:GIJL:N:O:R:UV:X:b:e:f:h:imno:p:r:tvx";

// The replacement for an option or a mode of -b that other sendmails have and that is refused
// here.
struct Instead {
  std::string_view option;
  std::string_view text;
};

constexpr Instead kInstead[] = {
    {"-bD", "tcpserver or another listener runs qmail-smtpd(8)"},
    {"-bd", "tcpserver or another listener runs qmail-smtpd(8)"},
    {"-bi", "fastforward's newaliases compiles alias files"},
    {"-bt", "qmail-local -n shows what is done for a recipient"},
    {"-bv", "qmail-local -n shows what is done for a recipient"},
    {"-d", "qmail-inject -n shows the message as it would be queued"},
    {"-q", "qmail-send(8) runs the queue by itself, and all of it at once on SIGALRM"},
    {"-s", "preline(1) puts a line \"From \" in front of a message"},
};

// The variables of qmail-smtpd that a listener would set (tcp-environ(5)).
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

// Reports bad usage; at a terminal it also says what to use instead of `option`.
[[noreturn]] void refuse(std::string complaint, std::string_view option) {
  complaint.append(kUsage);
  if (::isatty(STDERR_FILENO) == 1) {
    for (const Instead& instead : kInstead) {
      if (instead.option == option) {
        complaint.append(concat({"sendmail: ", option, ": ", instead.text, "\n"}));
      }
    }
  }
  fail(kExitPermanent, complaint);
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

// Handles -f: qmail-inject makes the From field from the sender alone.
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

// Removes the angle brackets around a sender; "<>" becomes the null sender.
std::string_view without_brackets(std::string_view sender) {
  const bool enclosed = sender.size() > 1 && sender.front() == '<' && sender.back() == '>';
  return enclosed ? sender.substr(1, sender.size() - 2) : sender;
}

// Makes qmail-inject find out whether lines end in CR LF, as they do in the messages of some
// callers.
void allow_crlf(Environment& environment) {
  std::string letters(environment.get("QMAILINJECT").value_or(""));
  letters.push_back(reqmail::submit::kFindLineEnds);
  environment.set("QMAILINJECT", letters);
}

// Adds a word to what qmail-inject is told of reports (-N, -R, -V).
void add_wish(Environment& environment, std::string_view name, std::string_view value) {
  const std::string words(environment.get(reqmail::submit::kWishesVariable).value_or(""));
  environment.set(reqmail::submit::kWishesVariable,
                  concat({words, words.empty() ? "" : " ", name, "=", value}));
}

struct Request {
  bool recipients_from_header = false;
  std::optional<std::string> sender;
  std::vector<std::string> recipients;
};

// Handles -b: the modes p and s take effect at once, whatever follows.
void take_mode(std::string_view mode, const Environment& environment) {
  switch (mode.empty() ? '\0' : mode.front()) {
  case 'a':
  case 'm':
    return;
  case 'p':
    list_queue(environment);
  case 's':
    serve_smtp(environment);
  default:
    refuse({}, concat({"-b", mode.substr(0, 1)}));
  }
}

[[noreturn]] void refuse_option(std::string_view program, const Option& option) {
  const std::string_view letter(&option.letter, 1);
  const std::string_view why = option.kind == Option::Kind::missing_value
                                   ? ": option requires an argument -- "
                                   : ": illegal option -- ";
  refuse(concat({program, why, letter, "\n"}), concat({"-", letter}));
}

Request parse(int argc, char** argv, std::string_view program, Environment& environment) {
  Request request;
  reqmail::sys::Options options(argc, argv, kOptions);
  while (auto option = options.next()) {
    if (option->kind != Option::Kind::known) {
      refuse_option(program, *option);
    }
    switch (option->letter) {
    case 't':
      request.recipients_from_header = true;
      break;
    case 'f':
    case 'r':
      request.sender = std::move(option->value);
      break;
    case 'F':
      environment.set("MAILNAME", option->value);
      break;
    case 'N':
      add_wish(environment, "NOTIFY", option->value);
      break;
    case 'R':
      add_wish(environment, "RET", option->value);
      break;
    case 'V':
      add_wish(environment, "ENVID", option->value);
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
  const reqmail::sys::Program program({
      .out_of_memory_fd = STDERR_FILENO,
      .out_of_memory_text = kOutOfMemory,
  });
  if (!reqmail::sys::Program::enter_home()) {
    fail(kExitTemporary, "sendmail: fatal: unable to switch to qmail home directory\n");
  }
  std::string_view name = argc > 0 ? argv[0] : "sendmail";
  name.remove_prefix(name.rfind('/') + 1);
  Environment environment = Environment::current();
  environment.unset(reqmail::submit::kWishesVariable);
  const Request request = parse(argc, argv, name, environment);
  if (name == "mailq") {
    list_queue(environment);
  }
  if (name == "newaliases") {
    fail(kExitPermanent, "sendmail: fatal: please use fastforward/newaliases instead\n");
  }
  std::vector<std::string> arguments = {request.recipients_from_header ? "-H" : "-a"};
  if (request.sender) {
    const std::string sender(without_brackets(*request.sender));
    // qmail-inject makes the From field from what the caller wrote, even with brackets.
    take_sender(environment, sender.empty() ? sender : *request.sender);
    arguments.insert(arguments.end(), {"-f", sender});
  }
  allow_crlf(environment);
  arguments.emplace_back("--");
  arguments.insert(arguments.end(), request.recipients.begin(), request.recipients.end());
  become("qmail-inject", std::move(arguments), environment);
}
