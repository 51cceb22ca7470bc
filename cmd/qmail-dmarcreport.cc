// qmail-dmarcreport: sends the aggregate reports of DMARC for a day (qmail-dmarcreport(8)).
//
// Runs as: qmaild, started by cron
// Reads: dmarc/YYYYMMDD; control/me, dmarcreportfrom, timeoutdns; answers of name servers
// Writes: dmarc/YYYYMMDD.sent, files without a name in dmarc/; with -n, the reports
// Executes: gzip, bin/qmail-inject
// Trusts: nothing in the lines, which have words of senders and of their DNS; name servers only
//   as to who wants reports
// Exits: 0 100 111

#include <unistd.h>

#include <chrono>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/text.h"
#include "control/files.h"
#include "judge/spf.h"
#include "mail/idna_conversion.h"
#include "reports/daily.h"
#include "sys/clock.h"
#include "sys/exits.h"
#include "sys/options.h"
#include "sys/program.h"
#include "sys/stream.h"
#include "sys/usage.h"

namespace {

using namespace reqmail;

constexpr std::string_view kUsage =
    "qmail-dmarcreport: usage: qmail-dmarcreport [ -n directory ] [ YYYYMMDD ]\n";
constexpr base::Seconds kDay(86400);

void complain(std::string_view text) {
  (void)sys::write_all(STDERR_FILENO, base::concat({"qmail-dmarcreport: ", text, "\n"}));
}

[[noreturn]] void die(int code, std::string_view text) {
  complain(text);
  sys::finish(code);
}

[[noreturn]] void usage() {
  sys::refuse_arguments(kUsage);
}

reports::DailySettings read_settings() {
  control::ControlFiles files;
  reports::DailySettings settings;
  settings.organization = files.me().value_or("");
  settings.contact = files.line_if_any("dmarcreportfrom").value_or("");
  settings.look_up_time = judge::step_time(files.number("timeoutdns"));
  if (files.failure() || settings.organization.empty()) {
    die(sys::kExitTemporary, "fatal: unable to read control files");
  }
  if (settings.contact.empty()) {
    settings.contact = base::concat({"postmaster@", settings.organization});
  }
  return settings;
}

}  // namespace

int main(int argc, char** argv) {
  const sys::Program program;
  sys::answer_help(argc, argv, kUsage);
  reqmail::mail::convert_u_labels_by(reqmail::mail::convert_by_libidn2);
  std::optional<std::string> directory;
  sys::Options options(argc, argv, "n:");
  while (auto option = options.next()) {
    if (option->kind != sys::Option::Kind::known) {
      usage();
    }
    directory = std::move(option->value);
  }
  const std::vector<std::string> words = options.rest();
  if (words.size() > 1) {
    usage();
  }
  // Yesterday, since today's lines are not complete.
  const std::optional<base::Time> day =
      words.empty() ? sys::now() - kDay : reports::parse_day(words.front());
  if (!day) {
    usage();
  }
  if (directory && !directory->starts_with('/')) {
    die(sys::kExitPermanent, "fatal: the directory must begin with /");
  }
  if (!sys::Program::enter_home()) {
    die(sys::kExitTemporary, "fatal: unable to switch to home directory");
  }
  reports::DailySettings settings = read_settings();
  settings.directory = std::move(directory);
  const auto failures =
      reports::report_day(std::chrono::floor<std::chrono::days>(*day), settings);
  for (const Failure& failure : failures) {
    complain(failure.text);
  }
  sys::finish(failures.empty() ? sys::kExitSuccess : sys::kExitTemporary);
}
