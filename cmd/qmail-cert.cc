// qmail-cert: makes, installs, checks and shows the certificates and keys of this installation
// (qmail-cert(8)).
//
// Runs as: root
// Reads: its arguments; control/ clientca.pem clientcert.pem clientcrl.pem me servercert.pem
//   servercerts tlsclients tlshosts tlsticketkey; files named by its arguments
// Writes: control/ servercert.pem servercerts tlsticketkey; descriptor 1
// Executes: nothing
// Trusts: its arguments
// Exits: 0 1 2 100 111; 1 and 2 from "check" alone

#include <unistd.h>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/number.h"
#include "base/text.h"
#include "cert/check.h"
#include "cert/install.h"
#include "cert/make.h"
#include "cert/show.h"
#include "cert/tickets.h"
#include "config.h"
#include "mail/verdict_codec.h"
#include "sys/clock.h"
#include "sys/exits.h"
#include "sys/options.h"
#include "sys/program.h"
#include "sys/stream.h"
#include "sys/usage.h"

namespace {

namespace base = reqmail::base;
namespace cert = reqmail::cert;
namespace sys = reqmail::sys;
namespace tls = reqmail::tls;
using reqmail::Result;

constexpr mode_t kPrivateMask = 077;

constexpr std::string_view kUsage =
    "qmail-cert: usage: qmail-cert COMMAND\n"
    "  make [-f] [-k KIND] [-d DAYS] [-s NAME] [NAME...]  a new key and a self-signed "
    "certificate\n"
    "  request [-s NAME] [NAME...]             a request to a CA, with the key that is there\n"
    "  install [-f] FULLCHAIN KEY [NAME]       what a CA or an ACME client gave\n"
    "  acme                                    what to do with an ACME client\n"
    "  check [-q] [-w DAYS]                    what is wrong, and what to do\n"
    "  show [-t | --terse]                     which certificates there are\n"
    "  tickets                                 a new key for resuming TLS sessions\n"
    "KIND is ec (P-256), ec384, rsa (2048), rsa3072 or rsa4096.\n";

[[noreturn]] void usage() {
  sys::refuse_arguments(kUsage);
}

[[noreturn]] void die(const reqmail::Failure& why) {
  (void)sys::write_all(STDERR_FILENO, base::concat({"qmail-cert: ", why.text, "\n"}));
  sys::finish(reqmail::mail::exit_code(why.permanence));
}

[[noreturn]] void say(const std::string& text, int code) {
  sys::finish(sys::write_all(STDOUT_FILENO, text) ? code : sys::kExitTemporary);
}

[[noreturn]] void say(const Result<std::string>& text) {
  if (!text) {
    die(text.error());
  }
  say(*text, sys::kExitSuccess);
}

std::optional<tls::KeyKind> key_kind(std::string_view word) {
  constexpr struct {
    std::string_view word;
    tls::KeyKind kind;
  } kKinds[] = {{"ec", tls::KeyKind::ec_p256},
                {"ec384", tls::KeyKind::ec_p384},
                {"rsa", tls::KeyKind::rsa_2048},
                {"rsa3072", tls::KeyKind::rsa_3072},
                {"rsa4096", tls::KeyKind::rsa_4096}};

  for (const auto& one : kKinds) {
    if (one.word == word) {
      return one.kind;
    }
  }
  return std::nullopt;
}

unsigned days(std::string_view text) {
  const auto number = base::parse_u64(text);
  if (!number || *number == 0 || *number > cert::kDaysMax) {
    usage();
  }
  return static_cast<unsigned>(*number);
}

struct Arguments {
  cert::MakeOptions make;
  cert::CheckOptions check;
  bool quiet = false;
  bool terse = false;
  std::vector<std::string> words;
};

// Parses the arguments; `letters` are the options that the command accepts.
Arguments parse(int argc, char** argv, std::string_view letters) {
  Arguments found;
  sys::Options options(argc, argv, letters);
  while (const auto option = options.next()) {
    const auto kind = option->letter == 'k' ? key_kind(option->value) : found.make.key;
    if (option->kind != sys::Option::Kind::known || !kind) {
      usage();
    }
    switch (option->letter) {
    case 'd':
      found.make.days = days(option->value);
      break;
    case 'f':
      found.make.replace = true;
      break;
    case 'k':
      found.make.key = *kind;
      break;
    case 'q':
      found.quiet = true;
      break;
    case 's':
      found.make.server = option->value;
      break;
    case 't':
      found.terse = true;
      break;
    default:
      found.check.days = days(option->value);
    }
  }
  found.words = options.rest();
  return found;
}

// File names in arguments are relative to the user's directory, so these files are read before
// this.
void enter_home() {
  if (auto entered = sys::Program::enter_home(); !entered) {
    die(entered.error());
  }
}

[[noreturn]] void install(const Arguments& arguments) {
  const auto& words = arguments.words;
  if (words.size() < 2 || words.size() > 3) {
    usage();
  }
  const auto pair = cert::load_pair(words[0], words[1]);
  if (!pair) {
    die(pair.error());
  }
  enter_home();
  say(cert::install_pair(*pair, {words.size() == 3 ? words[2] : "", arguments.make.replace},
                         sys::now()));
}

[[noreturn]] void show(const Arguments& arguments) {
  if (!arguments.words.empty()) {
    usage();
  }
  const auto files = cert::server_files();
  if (!files) {
    die(files.error());
  }
  say(arguments.terse ? cert::show_terse(*files, sys::now()) : cert::show(*files, sys::now()),
      sys::kExitSuccess);
}

[[noreturn]] void check(Arguments arguments) {
  if (!arguments.words.empty()) {
    usage();
  }
  if (::geteuid() != 0) {
    die(reqmail::temporary("check: only root can look at keys"));
  }
  arguments.check.now = sys::now();
  const cert::Verdict verdict = cert::check(arguments.check, arguments.quiet);
  say(verdict.text, verdict.code);
}

[[noreturn]] void run(std::string_view command, int argc, char** argv) {
  if (command == "install") {
    install(parse(argc, argv, "f"));
  }
  enter_home();
  if (command == "make") {
    Arguments arguments = parse(argc, argv, "fk:d:s:");
    arguments.make.names = arguments.words;
    say(cert::make_pair(arguments.make, sys::now()));
  }
  if (command == "request") {
    Arguments arguments = parse(argc, argv, "s:");
    arguments.make.names = arguments.words;
    say(cert::make_request(arguments.make));
  }
  if (command == "check") {
    check(parse(argc, argv, "qw:"));
  }
  if (command == "show") {
    char terse[] = "-t";
    for (int i = 1; i < argc; ++i) {
      argv[i] = std::string_view(argv[i]) == "--terse" ? terse : argv[i];
    }
    show(parse(argc, argv, "t"));
  }
  if (argc != 1) {
    usage();
  }
  if (command == "tickets") {
    say(cert::rotate_tickets());
  }
  if (command == "acme") {
    say(cert::acme_text(std::string(reqmail::config::kHome)), sys::kExitSuccess);
  }
  usage();
}

}  // namespace

int main(int argc, char** argv) {
  const sys::Program program({
      .holds_secrets = true,
      .umask = kPrivateMask,
  });
  sys::answer_help(argc, argv, kUsage);
  if (argc < 2) {
    usage();
  }
  run(argv[1], argc - 1, argv + 1);
}
