// qmail-idna DOMAIN: prints a domain with A-labels in the place of its U-labels
// (qmail-idna(8)).
//
// Runs as: anybody; whoever compares domains while control/smtputf8 is on
// Reads: its argument
// Writes: the domain on descriptor 1
// Executes: nothing
// Trusts: nobody
// Exits: 0, 100, 111

#include <unistd.h>

#include <string_view>

#include "base/text.h"
#include "mail/idna.h"
#include "mail/idna_conversion.h"
#include "sys/exits.h"
#include "sys/program.h"
#include "sys/stream.h"

namespace {

namespace base = reqmail::base;
namespace mail = reqmail::mail;
namespace sys = reqmail::sys;

[[noreturn]] void die(std::string_view text) {
  (void)sys::write_all(STDERR_FILENO, base::concat({"qmail-idna: ", text, "\n"}));
  sys::finish(sys::kExitPermanent);
}

}  // namespace

int main(int argc, char** argv) {
  const sys::Program program;
  if (argc != 2) {
    die("usage: qmail-idna domain");
  }
  mail::convert_u_labels_by(mail::convert_by_libidn2);
  const auto domain = mail::to_a_labels(argv[1]);
  if (!domain) {
    // Quiet: qmail-smtpd's standard error goes to its log.
    sys::finish(sys::kExitPermanent);
  }
  sys::finish(sys::write_all(STDOUT_FILENO, *domain + "\n") ? sys::kExitSuccess
                                                            : sys::kExitTemporary);
}
