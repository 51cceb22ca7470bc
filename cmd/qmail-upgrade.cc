// qmail-upgrade: replaces an older qmail by reqmail, or says why that is not possible
// (qmail-upgrade(8)).
//
// Runs as: root; `check` as anybody, who then sees less
// Reads: the old home, run scripts and tcp rules of the host, /proc, /etc/passwd
// Writes: descriptor 1; apply and rollback: the home
// Executes: bin/qmail-cert of the new tree; apply and rollback: new programs, the supervisor's
// Trusts: the new tree; nothing in the old home is executed to find out what it is
// Exits: 0 go, 1 go with notes, 2 stop, 100 bad usage, 111 trouble

#include <unistd.h>

#include <climits>
#include <string>
#include <string_view>
#include <vector>

#include "base/text.h"
#include "config.h"
#include "survey/inspection.h"
#include "survey/report.h"
#include "survey/request.h"
#include "sys/exits.h"
#include "sys/program.h"
#include "sys/stream.h"
#include "sys/usage.h"
#include "upgrade/apply.h"

namespace {

namespace sys = reqmail::sys;
namespace survey = reqmail::survey;
namespace upgrade = reqmail::upgrade;

constexpr std::string_view kUsage =
    "qmail-upgrade: usage: qmail-upgrade [ --home=DIR ] [ --from=TREE ] [ --json ] "
    "[ --accept-loss ] [ --edit-run-scripts ] check | apply | rollback | --version\n";

[[noreturn]] void fail(int code, std::string_view text) {
  (void)sys::write_all(STDERR_FILENO, text);
  sys::finish(code);
}

// Returns the path of this program; empty if the system does not tell.
std::string own_path() {
  std::string path(PATH_MAX, '\0');
  const ssize_t length = ::readlink("/proc/self/exe", path.data(), path.size());
  path.resize(length > 0 ? static_cast<std::size_t>(length) : 0);
  return path;
}

int check(const survey::Request& request, sys::Writer& out) {
  const auto inspection = survey::inspect(request);
  if (!inspection) {
    fail(sys::kExitTemporary,
         reqmail::base::concat({"qmail-upgrade: fatal: ", inspection.error().text, "\n"}));
  }
  (void)out.put(request.json ? survey::report_json(request, *inspection)
                             : survey::report_text(request, *inspection));
  return survey::exit_code(survey::verdict_of(inspection->findings, request.accept_loss));
}

int run(const survey::Request& request, sys::Writer& out) {
  switch (request.command) {
  case survey::Command::check:
    return check(request, out);
  case survey::Command::apply:
    return upgrade::apply(request, out);
  case survey::Command::rollback:
    return upgrade::rollback(request, out);
  case survey::Command::version:
    break;
  }
  (void)out.put(reqmail::base::concat({"reqmail ", reqmail::config::kVersion, "\n"}));
  return sys::kExitSuccess;
}

}  // namespace

int main(int argc, char** argv) {
  const sys::Program program({
      .out_of_memory_fd = STDERR_FILENO,
      .out_of_memory_text = "qmail-upgrade: fatal: out of memory\n",
  });
  sys::answer_help(argc, argv, kUsage);
  const auto request =
      survey::parse_request(std::vector<std::string>(argv + (argc > 0 ? 1 : 0), argv + argc),
                            std::string(reqmail::config::kHome), own_path());
  if (!request) {
    fail(sys::kExitPermanent,
         reqmail::base::concat({"qmail-upgrade: fatal: ", request.error().text, "\n", kUsage}));
  }
  sys::Writer out(STDOUT_FILENO);
  const int code = run(*request, out);
  sys::finish(out.flush() ? code : sys::kExitTemporary);
}
