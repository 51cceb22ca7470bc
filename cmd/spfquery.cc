// spfquery IP HELO SENDER [RULES [GUESS]]: prints the result of SPF for a sender (spfquery(1)).
//
// Runs as: anybody
// Reads: control/me, answers of name servers
// Writes: the result and a Received-SPF field on descriptor 1, error messages on 2
// Executes: nothing
// Trusts: no name server
// Exits: 0, 100, 111

#include <unistd.h>

#include <string>
#include <string_view>
#include <utility>

#include "auth822/received_spf.h"
#include "auth822/spf_check.h"
#include "base/text.h"
#include "control/files.h"
#include "judge/spf.h"
#include "mail/idna_conversion.h"
#include "sys/clock.h"
#include "sys/exits.h"
#include "sys/program.h"
#include "sys/stream.h"
#include "sys/usage.h"

namespace {

namespace auth822 = reqmail::auth822;
namespace base = reqmail::base;
namespace sys = reqmail::sys;

constexpr int kLeastArguments = 4;
constexpr int kMostArguments = 6;

constexpr std::string_view kUsage =
    "spfquery: usage: spfquery ip helo sender [rules [guess]]\n";

[[noreturn]] void die(int code, std::string_view text) {
  (void)sys::write_all(STDERR_FILENO, base::concat({"spfquery: ", text, "\n"}));
  sys::finish(code);
}

// Returns control/me; empty if it does not exist or cannot be read.
std::string own_name() {
  const bool home = sys::Program::enter_home().has_value();
  return home ? reqmail::control::ControlFiles().me().value_or("") : "";
}

std::string report(const auth822::SpfRequest& request, const auth822::SpfResult& result) {
  std::string text = base::concat({"result=", auth822::spf_word(result.word)});
  if (result.word == auth822::SpfWord::fail && !result.explanation.empty()) {
    text += base::concat({": ", result.explanation});
  }
  return base::concat({text, "\n", auth822::received_spf(request, result), "\n"});
}

}  // namespace

int main(int argc, char** argv) {
  const sys::Program program;
  sys::answer_help(argc, argv, kUsage);
  reqmail::mail::convert_u_labels_by(reqmail::mail::convert_by_libidn2);
  if (argc < kLeastArguments || argc > kMostArguments) {
    sys::refuse_arguments(kUsage);
  }
  const auto client = base::IpAddress::parse(argv[1]);
  if (!client) {
    die(sys::kExitPermanent,
        base::concat({"fatal: ", base::printable(argv[1]), " is no IP address"}));
  }
  auth822::SpfRequest request;
  request.client = *client;
  request.helo = argv[2];
  request.sender = argv[3];
  request.rules = argc > kLeastArguments ? argv[kLeastArguments] : "";
  request.guess = argc == kMostArguments ? argv[kMostArguments - 1] : "";
  request.receiver = own_name();
  request.time = static_cast<std::uint64_t>(sys::now().time_since_epoch().count());
  request.default_explanation = reqmail::judge::kSpfExplanation;
  const auto result = reqmail::judge::check_spf(request);
  if (!result) {
    die(sys::kExitTemporary, base::concat({"fatal: ", result.error().text}));
  }
  sys::finish(sys::write_all(STDOUT_FILENO, report(request, *result)) ? sys::kExitSuccess
                                                                      : sys::kExitTemporary);
}
