// qmail-showctl: tells how this qmail is set up (qmail-showctl(8)).
//
// Runs as: anyone who may read control/
// Reads: control/, names of queue/mess
// Writes: descriptor 1
// Executes: nothing
// Trusts: control/
// Exits: 0 1 111

#include <sys/stat.h>
#include <unistd.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/number.h"
#include "base/text.h"
#include "config.h"
#include "control/check.h"
#include "control/report.h"
#include "mail/queue_split.h"
#include "remote/line_checks.h"
#include "send/line_checks.h"
#include "sign/settings.h"
#include "smtpd/line_checks.h"
#include "sys/directory.h"
#include "sys/exits.h"
#include "sys/file.h"
#include "sys/identity.h"
#include "sys/program.h"
#include "sys/stream.h"

namespace {

namespace control = reqmail::control;
namespace config = reqmail::config;
namespace sys = reqmail::sys;

// Some line in the control files is malformed.
constexpr int kExitFaults = 1;
constexpr std::string_view kCheckOption = "--check";
constexpr std::string_view kNoAccount = "(no such account)";

std::string user_id(sys::Account account) {
  const auto id = sys::account_uid(account);
  return id ? reqmail::base::decimal(*id) : std::string(kNoAccount);
}

std::string group_id(sys::Group group) {
  const auto id = sys::group_gid(group);
  return id ? reqmail::base::decimal(*id) : std::string(kNoAccount);
}

control::Installation this_installation(std::uint64_t split) {
  using sys::Account;
  return {std::string(config::kHome),
          config::kBreak,
          config::kPaternalism,
          config::kSpawnLimit,
          split,
          {user_id(Account::alias), user_id(Account::qmaild), user_id(Account::qmaill), "0",
           user_id(Account::qmailp), user_id(Account::qmailq), user_id(Account::qmailr),
           user_id(Account::qmails)},
          {group_id(sys::Group::nofiles), group_id(sys::Group::qmail)}};
}

// Returns the split of the queue on disk, or that of a new queue if this user may not see it.
std::uint64_t split_of_queue() {
  const auto below_queue = [](const std::string& path) {
    return reqmail::base::concat({config::kHome, "/queue/", path});
  };
  const reqmail::mail::QueueView queue{
      [&](const std::string& path) {
        const auto status = sys::status(below_queue(path));
        return status && S_ISDIR(status->st_mode);
      },
      [&](const std::string& path) { return sys::list_directory(below_queue(path)); }};
  const auto split = reqmail::mail::count_split(queue, config::kSplit);
  return split && *split > 0 ? *split : config::kSplit;
}

[[noreturn]] void die(sys::Writer& out, std::string_view text) {
  (void)out.put(reqmail::base::concat({text, "\n"}));
  (void)out.flush();
  sys::finish(sys::kExitTemporary);
}

// Returns the checks of all folders that read lists.
std::vector<control::LineCheck> checks() {
  std::vector<control::LineCheck> all;
  for (const auto of_folder : {reqmail::smtpd::line_checks, reqmail::remote::line_checks,
                               reqmail::send::line_checks, reqmail::sign::line_checks}) {
    for (auto& check : of_folder()) {
      all.push_back(std::move(check));
    }
  }
  return all;
}

// Prints only the malformed lines of control files.
[[noreturn]] void check(sys::Writer& out, const std::string& home) {
  if (!sys::Program::enter_home()) {
    die(out, reqmail::base::concat({"Oops! Unable to chdir to ", home, "."}));
  }
  const auto faults = control::check_control_files(checks());
  for (const std::string& fault : faults) {
    (void)out.put(reqmail::base::concat({fault, "\n"}));
  }
  if (!out.flush()) {
    sys::finish(sys::kExitTemporary);
  }
  sys::finish(faults.empty() ? sys::kExitSuccess : kExitFaults);
}

}  // namespace

int main(int argc, char** argv) {
  const sys::Program program({
      .out_of_memory_fd = STDOUT_FILENO,
      .out_of_memory_text = "Oops! Out of memory.\n",
  });
  sys::Writer out(STDOUT_FILENO);
  const std::string home(config::kHome);
  if (argc > 1 && std::string_view(argv[1]) == kCheckOption) {
    check(out, home);
  }
  const std::uint64_t split = split_of_queue();
  (void)out.put(control::describe_installation(this_installation(split)));
  if (!sys::Program::enter_home()) {
    die(out, reqmail::base::concat({"Oops! Unable to chdir to ", home, "."}));
  }
  auto files = control::describe_control_files();
  if (!files) {
    die(out, files.error().text);
  }
  (void)out.put(*files);
  sys::finish(out.flush() ? sys::kExitSuccess : sys::kExitTemporary);
}
