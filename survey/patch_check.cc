#include "survey/patch_check.h"

#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <utility>

#include "base/number.h"
#include "base/text.h"
#include "survey/about.h"
#include "survey/old_files.h"
#include "survey/variable_check.h"

namespace reqmail::survey {

namespace {

// A line that a patch writes to qmail-smtpd's log, by a word that every such line has.
struct LogLine {
  std::string_view patch;
  std::string_view word;
};

constexpr std::array kLogLines = {
    LogLine{"SPF", "spf-reject"},
    LogLine{"chkuser", "CHKUSER"},
    LogLine{"qmail-ldap", "connection from"},
    LogLine{"qregex", "badmailto"},
    LogLine{"s/qmail", "Accept::"},
    LogLine{"s/qmail", "Reject::"},
    LogLine{"sagredo", "qlogenvelope"},
    LogLine{"sagredo", "qlogreceived"},
};

bool has_patch(const OldPrograms& programs, std::string_view patch) {
  return std::binary_search(programs.patches.begin(), programs.patches.end(), patch);
}

bool is_set(const Services& services, std::string_view variable) {
  const auto sets = [&](const auto& holder) {
    return last_value(holder.settings, variable).has_value();
  };
  return std::any_of(services.scripts.begin(), services.scripts.end(), sets) ||
         std::any_of(services.rules.begin(), services.rules.end(), sets);
}

// Returns whether reqmail will check recipients itself.
bool looks_recipients_up(const std::string& home, const Services& services) {
  const auto file = read_plain(base::concat({home, "/control/realrcptto"}));
  return (file && *file && base::leading_number(**file).value_or(0) > 0) ||
         is_switched_on(services, "REALRCPTTO");
}

void check_recipients(std::vector<Finding>& findings, const std::string& home,
                      const OldPrograms& programs, const Services& services) {
  if (looks_recipients_up(home, services)) {
    return;
  }
  Finding finding = about(
      "qmail-smtpd", "chkuser", Severity::loss,
      "asked chkuser about recipients: mail to unknown ones will be accepted, and bounced",
      "write 1 into control/realrcptto");
  if (programs.has(Trait::chkuser_by_variable)) {
    if (is_set(services, "CHKUSER_START")) {
      return;  // the finding on the variable reports this
    }
    finding.severity = Severity::note;
    finding.action.clear();
    finding.text =
        "asked chkuser about recipients where CHKUSER_START is set, which no script or rule "
        "that was read does; where another does, mail to recipients that do not exist will be "
        "accepted, and bounced";
  } else if (!programs.has(Trait::chkuser)) {
    return;
  }
  findings.push_back(std::move(finding));
}

// Returns whether a pattern of multilog selects lines with this word.
bool selects(const std::vector<std::string>& patterns, std::string_view word) {
  return std::any_of(patterns.begin(), patterns.end(), [&](const std::string& pattern) {
    return pattern.find(word) != std::string::npos;
  });
}

void check_log_lines(std::vector<Finding>& findings, const OldPrograms& programs,
                     const Services& services) {
  std::string words;
  std::vector<std::string> places;
  for (const LogLine& line : kLogLines) {
    if (!has_patch(programs, line.patch)) {
      continue;
    }
    words += base::concat({words.empty() ? "" : ", ", line.word});
    for (const LogScript& script : services.logs) {
      if (selects(script.patterns, line.word) &&
          std::find(places.begin(), places.end(), script.path) == places.end()) {
        places.push_back(script.path);
      }
    }
  }
  if (words.empty()) {
    return;
  }
  Finding finding =
      about("qmail-smtpd", "log-lines", Severity::note,
            base::concat({"wrote lines into its log that will be missing (", words,
                          "): multilog's patterns, fail2ban and statistics find nothing"}),
            "");
  finding.places = std::move(places);
  findings.push_back(std::move(finding));
}

// Returns whether a file of ours is already there and switches its feature on.
bool switched_on(const std::string& home, std::string_view file) {
  const auto text = read_plain(base::concat({home, "/control/", file}));
  return text && *text && base::leading_number(**text).value_or(0) > 0;
}

}  // namespace

std::vector<Finding> check_patches(const std::string& home, const OldPrograms& programs,
                                   const Services& services) {
  std::vector<Finding> findings;
  check_recipients(findings, home, programs, services);
  check_log_lines(findings, programs, services);
  if (programs.has(Trait::sagredo) && !switched_on(home, "hideclient")) {
    findings.push_back(
        about("qmail-smtpd", "client-address", Severity::loss,
              "left the address of clients that logged in or may relay out of Received; ours "
              "names it, as netqmail does: recipients will see where users are",
              "write 1 into control/hideclient; it hides clients that logged in"));
  }
  if (has_patch(programs, "SMTPUTF8") && !switched_on(home, "smtputf8")) {
    findings.push_back(
        about("qmail-smtpd", "smtputf8", Severity::note,
              "announced SMTPUTF8, ours does only with control/smtputf8: without "
              "it, mail to or from addresses outside ASCII comes back to those "
              "who send it",
              "write 1 into control/smtputf8"));
  }
  if (has_patch(programs, "Maildir++ quota")) {
    findings.push_back(
        about("qmail-local", "quota", Severity::note,
              "kept quotas of maildirs, ours does not (vdelivermail keeps its own)", ""));
  }
  return findings;
}

}  // namespace reqmail::survey
