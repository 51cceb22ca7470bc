#include "smtpd/sender_check_files.h"

#include <algorithm>
#include <utility>

#include "auth822/spf_record.h"
#include "base/bad_line.h"
#include "base/number.h"
#include "base/text.h"
#include "control/reader.h"
#include "smtpd/files.h"
#include "sys/env.h"

namespace reqmail::smtpd {

namespace {

// The longest limit in seconds, which is within the range of the clock.
constexpr std::uint64_t kSecondsMax = 1'000'000;

// In s/qmail any value of MFDNSCHECK, even an empty one, switches the check on.
std::optional<std::string> mfcheck_variable() {
  auto value = sys::environment_value("MFCHECK");
  const auto other = sys::environment_value("MFDNSCHECK");
  if (!value && other) {
    value = *other == "0" ? "0" : "1";
  }
  return value;
}

std::uint64_t number_of(const std::optional<std::string>& variable, std::uint64_t in_file) {
  return variable ? base::leading_number(*variable).value_or(0) : in_file;
}

// Returns nullopt if the file does not exist; a failure is that of `files`.
std::optional<std::vector<std::string>> list_lines(control::ControlFiles& files,
                                                   const SenderCheckEnvironment& environment) {
  if (!environment.dnsbllist) {
    return files.list("dnsbllist");
  }
  auto lines = control::read_lines(*environment.dnsbllist);
  if (!lines) {
    files.fail("dnsbllist", lines.error().error);
    return std::nullopt;
  }
  return std::move(*lines);
}

// Returns a line of SPF mechanisms, or nothing if it is malformed.
std::string take_rules(control::LineName file, control::ControlFiles& files,
                       std::vector<std::string>& faults) {
  std::string line = files.line_if_any(file).value_or("");
  if (const auto bad = fault_of_spf_rules(line)) {
    faults.push_back(base::bad_line_message(base::concat({"control/", file.row().name}), *bad));
    line.clear();
  }
  return line;
}

void take_lists(SenderCheckFiles& checks, const std::vector<std::string>& lines,
                const SenderCheckEnvironment& environment) {
  for (const std::string& line : lines) {
    auto list = proto::parse_dns_list(line);
    if (list) {
      checks.lists.push_back(std::move(*list));
    } else {
      checks.faults.push_back(
          base::bad_line_message(environment.dnsbllist.value_or(control::path("dnsbllist")),
                                 {line, list.error().text}));
    }
  }
}

}  // namespace

std::optional<base::BadLine> fault_of_spf_rules(const std::string& line) {
  if (auth822::parse_spf_rules(line)) {
    return std::nullopt;
  }
  return base::BadLine{line, "no mechanisms of SPF"};
}

SenderCheckEnvironment sender_check_environment() {
  SenderCheckEnvironment environment;
  environment.mfcheck = mfcheck_variable();
  environment.spfbehavior = sys::environment_value("SPFBEHAVIOR");
  if (!environment.spfbehavior) {
    environment.spfbehavior = sys::environment_value("SPF");
  }
  environment.dnsbllist = sys::environment_value("DNSBLLIST");
  environment.dnsblskip = sys::environment_value("DNSBLSKIP").has_value();
  environment.dnsblfailclosed = sys::environment_value("DNSBLFAILCLOSED");
  environment.rblsmtpd = sys::environment_value("RBLSMTPD");
  environment.dmarc = sys::environment_value("DMARC");
  return environment;
}

Result<SenderCheckFiles> load_sender_check_files(control::ControlFiles& files,
                                                 const SenderCheckSwitches& switches,
                                                 const SenderCheckEnvironment& environment,
                                                 const AuthenticationNeeds& needs) {
  SenderCheckFiles checks;
  proto::SenderCheckSettings& settings = checks.settings;
  settings.domain = number_of(environment.mfcheck, switches.mfcheck) > 0;
  settings.spf_level = number_of(environment.spfbehavior, switches.spfbehavior);
  settings.spf = settings.spf_level > 0 || needs.spf;
  if (environment.rblsmtpd) {
    settings.listed = proto::verdict_of_variable(*environment.rblsmtpd);
  } else if (!environment.dnsblskip) {
    if (const auto lines = list_lines(files, environment)) {
      take_lists(checks, *lines, environment);
    }
    settings.lists = !checks.lists.empty();
  }
  if (settings.lists) {
    checks.errors_refuse = environment.dnsblfailclosed
                               ? number_of(environment.dnsblfailclosed, 0) > 0
                               : files.number("dnsblfailclosed") > 0;
  }
  if (settings.spf) {
    checks.spf_rules = take_rules("spfrules", files, checks.faults);
    checks.spf_guess = take_rules("spfguess", files, checks.faults);
    checks.spf_explanation = files.line_if_any("spfexp").value_or("");
  }
  checks.asks_judge = settings.domain || settings.spf || settings.lists || needs.lookups;
  if (checks.asks_judge) {
    checks.limit = base::Seconds(
        static_cast<std::int64_t>(std::min(files.number("timeoutdns"), kSecondsMax)));
    checks.judge.path = files.line_if_any("mailauthsocket").value_or("");
  }
  if (files.failure()) {
    return smtpd_controls_unreadable();
  }
  return checks;
}

}  // namespace reqmail::smtpd
