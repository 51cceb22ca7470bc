#include "upgrade/control_check.h"

#include <algorithm>
#include <optional>
#include <string_view>

#include "base/number.h"
#include "base/text.h"
#include "config.h"
#include "control/known.h"
#include "upgrade/control_verdicts.h"
#include "upgrade/old_files.h"
#include "upgrade/regex_lists.h"
#include "upgrade/routes_check.h"

namespace reqmail::upgrade {

namespace {

// From this value on SPF refuses mail.
constexpr std::uint64_t kSpfRefuses = 3;
// More deliveries than this need another protocol between qmail-send and its spawners.
constexpr std::uint64_t kOneByte = 255;
// As many lines of a list are quoted.
constexpr std::size_t kQuoted = 3;

constexpr const control::KnownFile* known(std::string_view name) {
  for (const control::KnownFile& file : control::kKnownFiles) {
    if (file.name == name) {
      return &file;
    }
  }
  return nullptr;
}

struct ControlFile {
  std::string name;
  std::string path;
  mode_t mode = 0;
  // Absent where it is a directory or could not be read.
  std::optional<std::string> content;
};

Finding about(const ControlFile& file, std::string code, Severity severity, std::string text) {
  Finding finding;
  finding.code = std::move(code);
  finding.severity = severity;
  finding.subject = file.path;
  finding.text = std::move(text);
  return finding;
}

std::uint64_t number_in(const ControlFile& file) {
  return base::leading_number(file.content.value_or("")).value_or(0);
}

bool is_off(const ControlFile& file, OffWhen off) {
  if (!file.content) {
    return false;
  }
  switch (off) {
  case OffWhen::never:
    return false;
  case OffWhen::no_lines:
    return control_lines(*file.content).empty();
  case OffWhen::zero:
    break;
  }
  return number_in(file) == 0;
}

// The first of some lines, for a sentence: "a", "b", "c" and 5 more.
std::string quoted(const std::vector<std::string>& lines) {
  std::string text;
  for (std::size_t i = 0; i < lines.size() && i < kQuoted; ++i) {
    text += base::concat({i == 0 ? "" : ", ", "\"", base::printable(lines[i]), "\""});
  }
  if (lines.size() > kQuoted) {
    text += base::concat({" and ", base::decimal(lines.size() - kQuoted), " more"});
  }
  return text;
}

Finding check_badmailfrom(const ControlFile& file, const OldPrograms& programs) {
  const SenderLists lists = classify_senders(control_lines(file.content.value_or("")));
  std::vector<std::string> lost = lists.expressions;
  lost.insert(lost.end(), lists.suffixes.begin(), lists.suffixes.end());
  if (programs.has(Trait::qregex)) {
    lost.insert(lost.end(), lists.fragments.begin(), lists.fragments.end());
  }
  if (!lost.empty()) {
    Finding finding = about(
        file, "regex-list", Severity::loss,
        base::concat({"holds expressions (", quoted(lost),
                      "); each line is an address or an @domain to reqmail, so senders that "
                      "they refuse will be accepted"}));
    finding.origin = "qregex";
    finding.action = "replace them by addresses and @domains";
    return finding;
  }
  if (programs.has(Trait::qregex) && lists.exact > 0) {
    Finding finding =
        about(file, "regex-list", Severity::note,
              "its lines were expressions that matched anywhere in a sender's address "
              "(@example.com also @example.com.au); now they are whole addresses and @domains");
    finding.origin = "qregex";
    return finding;
  }
  return about(file, "control-file", Severity::harmless, "is honoured");
}

std::optional<Finding> check_doublebounceto(const ControlFile& file) {
  const auto lines = base::lines(file.content.value_or(""));
  if (!lines.empty() && !lines[0].empty()) {
    return std::nullopt;
  }
  Finding finding = about(file, "control-file", Severity::loss,
                          "begins with an empty line: double bounces were thrown away, and "
                          "will go to an address without user");
  finding.origin = "doublebounce-trim";
  finding.action = "name an address whose .qmail file holds only a #";
  return finding;
}

std::optional<Finding> check_concurrency(const ControlFile& file, const OldPrograms& programs) {
  const std::uint64_t wanted = number_in(file);
  const std::uint64_t limit = config::kSpawnLimit;
  if (wanted <= limit || (programs.spawn_limit && *programs.spawn_limit <= limit)) {
    return std::nullopt;
  }
  const std::string old_limit =
      programs.spawn_limit ? base::decimal(*programs.spawn_limit) : "is not known (no symbols)";
  std::string text = base::concat({"asks for ", base::decimal(wanted), " deliveries at once"});
  text += base::concat({"; the limit of reqmail's programs is ", base::decimal(limit)});
  text += base::concat({", that of the old ones ", old_limit});
  Finding finding = about(file, "concurrency", Severity::loss, std::move(text));
  finding.origin = wanted > kOneByte ? "big-concurrency" : "";
  finding.action =
      base::concat({"build with ./configure --spawn-limit=N (at most 255), or write at most ",
                    base::decimal(limit)});
  return finding;
}

Finding check_spfbehavior(const ControlFile& file) {
  const std::uint64_t value = number_in(file);
  Finding finding = about(file, "control-file", Severity::harmless, "is 0: off");
  finding.origin = "SPF";
  if (value >= kSpfRefuses) {
    finding.severity = Severity::loss;
    finding.text = base::concat({"is ", base::decimal(value),
                                 ": mail that fails SPF was refused, and will be accepted"});
  } else if (value > 0) {
    finding.severity = Severity::note;
    finding.text =
        base::concat({"is ", base::decimal(value), ": no Received-SPF field will be written"});
  }
  return finding;
}

std::optional<Finding> check_known(const ControlFile& file, const OldPrograms& programs) {
  if (file.name == "badmailfrom") {
    return check_badmailfrom(file, programs);
  }
  if (file.name == "doublebounceto") {
    return check_doublebounceto(file);
  }
  if (file.name == "concurrencylocal" || file.name == "concurrencyremote") {
    return check_concurrency(file, programs);
  }
  return std::nullopt;
}

Finding of_verdict(const ControlFile& file, const ControlVerdict& verdict, bool srs_is_off) {
  if (file.name == "spfbehavior") {
    return check_spfbehavior(file);
  }
  Finding finding = about(file, "control-file", verdict.severity,
                          base::concat({"is ignored: ", verdict.text}));
  finding.origin = std::string(verdict.origin);
  finding.action = std::string(verdict.action);
  if (is_off(file, verdict.off)) {
    finding.severity = Severity::harmless;
    finding.text = "has no effect as it is, and is ignored";
    finding.action.clear();
  } else if (srs_is_off && file.name.rfind("srs_", 0) == 0) {
    finding.severity = Severity::harmless;
    finding.text = "has no effect without srs_domain, and is ignored";
    finding.action.clear();
  }
  return finding;
}

// Not a file that a control file can be: says so. Directories are some of them.
std::optional<Finding> check_readable(const ControlFile& file,
                                      const Result<std::optional<std::string>>& content) {
  if (content || S_ISDIR(file.mode)) {
    return std::nullopt;
  }
  return about(file, "control-unreadable", Severity::note,
               base::concat({"was not read: ", content.error().text}));
}

void check_file(std::vector<Finding>& findings, ControlFile& file, const OldPrograms& programs,
                bool srs_is_off) {
  auto content = read_plain(file.path);
  if (auto trouble = check_readable(file, content)) {
    findings.push_back(std::move(*trouble));
  }
  if (content) {
    file.content = std::move(*content);
  }
  if (file.name == "smtproutes" || file.name == "authsenders") {
    if (file.content) {
      add_route_findings(findings, file.path, *file.content, programs);
    }
  }
  if (known(file.name) != nullptr) {
    if (!file.content && !S_ISDIR(file.mode)) {
      return;
    }
    auto finding = check_known(file, programs);
    findings.push_back(finding
                           ? std::move(*finding)
                           : about(file, "control-file", Severity::harmless, "is honoured"));
    return;
  }
  if (const ControlVerdict* verdict = verdict_on_control_file(file.name)) {
    findings.push_back(of_verdict(file, *verdict, srs_is_off));
    return;
  }
  findings.push_back(about(file, "control-unknown", Severity::note,
                           "belongs to nothing that is known, and is ignored"));
}

}  // namespace

std::vector<Finding> check_control(const std::string& control, const OldPrograms& programs) {
  std::vector<Finding> findings;
  const auto entries = list_entries(control);
  if (!entries) {
    Finding finding;
    finding.code = "control-unreadable";
    finding.severity = Severity::stop;
    finding.subject = control;
    finding.text = base::concat({"cannot be listed: ", entries.error().text});
    finding.action = "run qmail-upgrade as root";
    return {finding};
  }
  const auto srs_domain = read_plain(base::concat({control, "/srs_domain"}));
  const bool srs_is_off = srs_domain && (!*srs_domain || control_lines(**srs_domain).empty());
  for (const Entry& entry : *entries) {
    ControlFile file{entry.name, base::concat({control, "/", entry.name}), entry.status.st_mode,
                     std::nullopt};
    if (S_ISLNK(file.mode)) {
      const auto target = look(file.path);
      file.mode = target && *target ? (*target)->st_mode : file.mode;
    }
    check_file(findings, file, programs, srs_is_off);
  }
  if (std::none_of(entries->begin(), entries->end(),
                   [](const Entry& entry) { return entry.name == "me"; })) {
    Finding finding;
    finding.code = "control-file";
    finding.severity = Severity::note;
    finding.subject = base::concat({control, "/me"});
    finding.text = "is missing: each setting that falls back to it must be there itself";
    finding.action = "write the name of this host into it";
    findings.push_back(std::move(finding));
  }
  return findings;
}

}  // namespace reqmail::upgrade
