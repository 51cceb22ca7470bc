// qmail-sign SENDER RECIPIENT...: prints the DKIM signatures of a message that leaves, and an
// ARC set if it is forwarded (qmail-sign(8)).
//
// Runs as: qmailr, under qmail-remote, or under qmail-rspawn if it stays; from the beginning
//   without new privileges and unable to do more than read files; with few system calls once
//   the keys are read, or, in a child of a process that stays, before the message is read
// Reads: the message on descriptor 0; if it stays, requests on descriptor 0, which bring
//   messages; NODKIM; control/ arcseal authservid dkimdomains dkimkeys domainkeys me; keys that
//   these name
// Writes: header fields on descriptor 1; one line on 2 if it fails; if it stays, answers on
//   descriptors that requests bring
// Executes: nothing
// Trusts: its arguments and control files; of the message only trace fields of this host
// Exits: 0 100 111

#include <unistd.h>

#include <cstdint>
#include <string>
#include <string_view>

#include "base/text.h"
#include "crypto/library.h"
#include "mail/idna_conversion.h"
#include "mail/signing.h"
#include "sign/resident.h"
#include "sign/sign_message.h"
#include "sys/clock.h"
#include "sys/confine.h"
#include "sys/env.h"
#include "sys/exits.h"
#include "sys/identity.h"
#include "sys/program.h"
#include "sys/program_mark.h"
#include "sys/stream.h"
#include "sys/usage.h"

namespace {

namespace base = reqmail::base;
namespace sign = reqmail::sign;
namespace sys = reqmail::sys;
using reqmail::Result;

constexpr int kSenderArgument = 1;
constexpr int kLeastArguments = 3;
constexpr int kStayArguments = 2;

constexpr std::string_view kUsage = "qmail-sign: usage: qmail-sign sender recipient...\n";

// If qmail-rspawn finds this in the file, it may have one process that stays.
[[gnu::used, gnu::retain]] constexpr auto kMark = reqmail::sys::program_mark("qmail-sign");

[[noreturn]] void die(std::string_view text) {
  (void)sys::write_all(STDERR_FILENO, base::concat({"qmail-sign: ", text, "\n"}));
  sys::finish(sys::kExitTemporary);
}

Result<void> confine() {
  return sys::confine(sys::account_identity(sys::Account::qmailr), STDERR_FILENO + 1,
                      reqmail::compat::Calls::talking);
}

Result<std::string> sign_input(const std::string& sender) {
  auto settings = sign::read_signer_settings();
  if (!settings) {
    return settings.error();
  }
  settings->dkim = !sys::environment_value("NODKIM");
  const auto time = static_cast<std::uint64_t>(sys::now().time_since_epoch().count());
  return sign::sign_message(*settings, {sender, STDIN_FILENO, time},
                            sign::find_in_files(*settings), confine);
}

}  // namespace

int main(int argc, char** argv) {
  const sys::Program program({.holds_secrets = true});
  sys::answer_help(argc, argv, kUsage);
  const bool stays = argc == kStayArguments && argv[1] == reqmail::mail::kSignerStays;
  if (argc < kLeastArguments && !stays) {
    sys::refuse_arguments(kUsage);
  }
  if (!sys::Program::enter_home()) {
    die("unable to enter qmail's home");
  }
  reqmail::mail::convert_u_labels_by(reqmail::mail::convert_by_libidn2);
  sys::confine_to_reading();
  reqmail::crypto::prepare_library();
  if (stays) {
    sys::finish(sign::Resident(STDIN_FILENO).serve() ? sys::kExitSuccess : sys::kExitTemporary);
  }
  const auto fields = sign_input(argv[kSenderArgument]);
  if (!fields) {
    die(fields.error().text);
  }
  sys::finish(sys::write_all(STDOUT_FILENO, *fields) ? sys::kExitSuccess : sys::kExitTemporary);
}
