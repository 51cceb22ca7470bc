// qmail-mailauth check: what SPF, DKIM, ARC and DMARC say about a message (qmail-mailauth(8)).
//
// Runs as: anybody
// Reads: the message on descriptor 0, answers of name servers
// Writes: the results on descriptor 1, complaints on 2
// Executes: nothing
// Trusts: nobody
// Exits: 0, 100, 111

#include <unistd.h>

#include <string>
#include <string_view>
#include <vector>

#include "base/text.h"
#include "judge/check.h"
#include "sys/exits.h"
#include "sys/program.h"
#include "sys/stream.h"

namespace {

namespace base = reqmail::base;
namespace sys = reqmail::sys;

[[noreturn]] void die(int code, std::string_view text) {
  (void)sys::write_all(STDERR_FILENO, base::concat({"qmail-mailauth: ", text, "\n"}));
  sys::finish(code);
}

}  // namespace

int main(int argc, char** argv) {
  const sys::Program program;
  const std::vector<std::string> arguments(argv + (argc > 2 ? 2 : argc), argv + argc);
  const auto request = reqmail::judge::parse_check_arguments(arguments);
  if (argc < 2 || std::string_view(argv[1]) != "check" || !request) {
    die(sys::kExitPermanent,
        "usage: qmail-mailauth check [ip=A] [helo=H] [sender=S] [time=EPOCH] <message");
  }
  const auto results = reqmail::judge::check_message(*request, STDIN_FILENO);
  if (!results) {
    const bool permanent = results.error().permanence == reqmail::Permanence::permanent;
    die(permanent ? sys::kExitPermanent : sys::kExitTemporary,
        base::concat({"fatal: ", results.error().text}));
  }
  sys::finish(sys::write_all(STDOUT_FILENO, *results) ? sys::kExitSuccess
                                                      : sys::kExitTemporary);
}
