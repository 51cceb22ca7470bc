// dknewkey [SELECTOR]: makes a key for DKIM and prints the record to publish (dknewkey(8)).
//
// Runs as: root
// Reads: its arguments; control/me; the key with -p
// Writes: control/domainkeys; the record on descriptor 1
// Executes: nothing
// Trusts: its arguments
// Exits: 0 100 111

#include <unistd.h>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/ascii.h"
#include "base/number.h"
#include "base/text.h"
#include "control/files.h"
#include "crypto/public_key.h"
#include "mail/verdict_codec.h"
#include "sign/key_pair.h"
#include "sys/exits.h"
#include "sys/options.h"
#include "sys/program.h"
#include "sys/stream.h"
#include "sys/usage.h"

namespace {

namespace base = reqmail::base;
namespace crypto = reqmail::crypto;
namespace sign = reqmail::sign;
namespace sys = reqmail::sys;

constexpr std::string_view kUsage =
    "dknewkey: usage: dknewkey [-d domain] [-b bits] [-t rsa|ed25519] [-f] [-e] [-p] "
    "[selector]\n";

struct Request {
  sign::KeyPlace place;
  sign::NewKey key;
  bool print = false;
};

[[noreturn]] void usage() {
  sys::refuse_arguments(kUsage);
}

[[noreturn]] void die(const reqmail::Failure& why) {
  (void)sys::write_all(STDERR_FILENO, base::concat({"dknewkey: fatal: ", why.text, "\n"}));
  sys::finish(reqmail::mail::exit_code(why.permanence));
}

void set_bits(std::string_view text, sign::NewKey& key) {
  const auto bits = base::parse_u64(text);
  if (!bits || *bits < crypto::kRsaBitsMin || *bits > crypto::kRsaBitsMax) {
    usage();
  }
  key.bits = static_cast<std::size_t>(*bits);
}

void set_kind(std::string_view text, sign::NewKey& key) {
  if (text != "rsa" && text != "ed25519") {
    usage();
  }
  key.kind = text == "rsa" ? crypto::KeyKind::rsa : crypto::KeyKind::ed25519;
}

void take_option(const sys::Option& option, Request& request) {
  switch (option.letter) {
  case 'd':
    request.place.domain = base::lower(option.value);
    // As the DNS may write it.
    if (request.place.domain.ends_with('.')) {
      request.place.domain.pop_back();
    }
    break;
  case 'b':
    set_bits(option.value, request.key);
    break;
  case 't':
    set_kind(option.value, request.key);
    break;
  case 'f':
    request.key.replace = true;
    break;
  case 'e':
    request.place.testing = false;
    break;
  default:
    request.print = true;
  }
}

Request parse(int argc, char** argv) {
  Request request;
  request.place.testing = true;
  sys::Options options(argc, argv, "d:b:t:fep");
  while (const auto option = options.next()) {
    if (option->kind != sys::Option::Kind::known) {
      usage();
    }
    take_option(*option, request);
  }
  const auto words = options.rest();
  if (words.size() > 1) {
    usage();
  }
  request.place.selector = base::lower(words.empty() ? "default" : words.front());
  return request;
}

std::string own_domain() {
  reqmail::control::ControlFiles files;
  const auto me = files.me();
  if (!me) {
    die(reqmail::permanent("there is no control/me; use -d domain"));
  }
  return base::lower(*me);
}

}  // namespace

int main(int argc, char** argv) {
  constexpr mode_t kPrivateMask = 022;
  const sys::Program program({.holds_secrets = true, .umask = kPrivateMask});
  sys::answer_help(argc, argv, kUsage);
  Request request = parse(argc, argv);
  if (auto entered = sys::Program::enter_home(); !entered) {
    die(reqmail::temporary("unable to enter qmail's home"));
  }
  if (request.place.domain.empty()) {
    request.place.domain = own_domain();
  }
  const auto line = request.print ? sign::show_key(request.place)
                                  : sign::make_key(request.place, request.key);
  if (!line) {
    die(line.error());
  }
  sys::finish(sys::write_all(STDOUT_FILENO, *line) ? sys::kExitSuccess : sys::kExitTemporary);
}
