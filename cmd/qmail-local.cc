// qmail-local: delivers or forwards one message to one user (qmail-local(8)).
//
// Runs as: the recipient's user
// Reads: the message on descriptor 0; the home directory, ~/.qmail files
// Writes: mbox files and maildirs that .qmail names
// Executes: /bin/sh for programs in .qmail, bin/qmail-queue (or QMAILQUEUE) for forwards
// Trusts: its arguments, the user's .qmail files
// Exits: 0 100 111

#include <unistd.h>

#include <cstddef>
#include <string>
#include <vector>

#include "base/text.h"
#include "local/deliver.h"
#include "sys/exits.h"
#include "sys/options.h"
#include "sys/program.h"
#include "sys/program_mark.h"
#include "sys/stream.h"

namespace {

using namespace std::string_view_literals;
namespace sys = reqmail::sys;

constexpr auto kUsage =
    "qmail-local: usage: qmail-local [ -nN ] user homedir local dash ext domain sender "
    "aliasempty\n"sv;

// If qmail-lspawn finds this in the file, a child of it may do the work of main.
[[gnu::used, gnu::retain]] constexpr auto kMark = reqmail::sys::program_mark("qmail-local");

// The number of arguments from user to aliasempty.
constexpr std::size_t kWords = 8;

[[noreturn]] void refuse(std::string text) {
  text += kUsage;
  (void)!sys::write_all(STDERR_FILENO, text).has_value();
  sys::finish(sys::kExitPermanent);
}

bool describe_wanted(sys::Options& options) {
  bool describe = false;
  while (const auto option = options.next()) {
    if (option->kind != sys::Option::Kind::known) {
      refuse(reqmail::base::concat(
          {"qmail-local: illegal option -- ", std::string(1, option->letter), "\n"}));
    }
    describe = option->letter == 'n';
  }
  return describe;
}

}  // namespace

int main(int argc, char** argv) {
  const sys::Program program(reqmail::local::delivery_start());
  sys::Options options(argc, argv, "nN");
  reqmail::local::Request request;
  request.describe = describe_wanted(options);
  const std::vector<std::string> words = options.rest();
  if (words.size() != kWords || !words[1].starts_with('/')) {
    refuse("");
  }
  request.user = words[0];
  request.home = words[1];
  request.local = words[2];
  request.dash = words[3];
  request.ext = words[4];
  request.host = words[5];
  request.sender = words[6];
  request.default_instructions = words[7];
  sys::finish(reqmail::local::deliver(request));
}
