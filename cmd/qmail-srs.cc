// qmail-srs: rewrites an address by SRS, or back (qmail-srs(1)).
//
// Runs as: whoever may read control/srs_secrets
// Reads: control/srs_domain, srs_secrets, srs_maxage, srs_hashlength, srs_hashmin, srs_separator
// Writes: the address on descriptor 1
// Executes: nothing
// Trusts: its arguments
// Exits: 0 100 111

#include <unistd.h>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "auth822/srs.h"
#include "base/number.h"
#include "base/text.h"
#include "srs/return_bounce.h"
#include "srs/settings.h"
#include "sys/clock.h"
#include "sys/exits.h"
#include "sys/options.h"
#include "sys/program.h"
#include "sys/stream.h"
#include "sys/usage.h"

namespace {

using namespace reqmail;

constexpr std::string_view kUsage =
    "qmail-srs: usage: qmail-srs [ -t epoch ] forward|reverse address\n";

[[noreturn]] void die(int code, std::string_view text) {
  (void)sys::write_all(STDERR_FILENO, base::concat({"qmail-srs: ", text, "\n"}));
  sys::finish(code);
}

[[noreturn]] void usage() {
  sys::refuse_arguments(kUsage);
}

[[noreturn]] void print(const std::string& address) {
  sys::finish(sys::write_all(STDOUT_FILENO, address + "\n") ? sys::kExitSuccess
                                                            : sys::kExitTemporary);
}

}  // namespace

int main(int argc, char** argv) {
  const sys::Program program;
  sys::answer_help(argc, argv, kUsage);
  auto time = static_cast<std::uint64_t>(base::to_epoch(sys::now()));
  sys::Options options(argc, argv, "t:");
  while (const auto option = options.next()) {
    const auto number = base::parse_u64(option->value);
    if (option->kind != sys::Option::Kind::known || !number) {
      usage();
    }
    time = *number;
  }
  const std::vector<std::string> words = options.rest();
  if (words.size() != 2 || (words[0] != "forward" && words[0] != "reverse")) {
    usage();
  }
  if (!sys::Program::enter_home()) {
    die(sys::kExitTemporary, "fatal: unable to switch to home directory");
  }
  const auto settings = srs::read_settings();
  if (!settings) {
    die(sys::kExitTemporary, base::concat({"fatal: ", settings.error().text}));
  }
  if (!*settings) {
    die(sys::kExitPermanent, "control/srs_domain is empty");
  }
  if (words[0] == "forward") {
    const auto address = auth822::srs_forward(words[1], **settings, time);
    if (!address) {
      die(sys::kExitPermanent, "the address has no domain");
    }
    print(*address);
  }
  const auth822::SrsSender sender = auth822::srs_reverse(words[1], **settings, time);
  if (sender.fault != auth822::SrsFault::none) {
    die(sys::kExitPermanent, srs::fault_text(sender.fault));
  }
  print(sender.address);
}
