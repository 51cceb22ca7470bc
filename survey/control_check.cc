#include "survey/control_check.h"

#include <algorithm>
#include <optional>
#include <string_view>

#include "base/number.h"
#include "base/text.h"
#include "config.h"
#include "control/known.h"
#include "legacy/control_verdicts.h"
#include "legacy/sender_lists.h"
#include "survey/about.h"
#include "survey/old_files.h"
#include "survey/routes_check.h"
#include "survey/srs_check.h"
#include "survey/variable_check.h"

namespace reqmail::survey {

namespace {

// More deliveries than this would need another protocol between qmail-send and its spawners.
constexpr std::uint64_t kOneByte = 255;
// The number of lines of a list that are quoted.
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
  // Absent if it is a directory or could not be read.
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

bool is_off(const ControlFile& file, legacy::OffWhen off) {
  if (!file.content) {
    return false;
  }
  switch (off) {
  case legacy::OffWhen::never:
    return false;
  case legacy::OffWhen::no_lines:
    return control_lines(*file.content).empty();
  case legacy::OffWhen::no_plugins: {
    const auto lines = control_lines(*file.content);
    return std::all_of(lines.begin(), lines.end(),
                       [](const std::string& line) { return line[0] == '['; });
  }
  case legacy::OffWhen::zero:
    break;
  }
  return number_in(file) == 0;
}

// Returns the first of some lines for a sentence: "a", "b", "c" and 5 more.
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

// Returns what the lines of a list refuse; empty if the file is not such a list.
std::string_view refused_by(std::string_view name) {
  if (name.starts_with("badmailfrom")) {
    return "senders";
  }
  if (name.starts_with("badrcptto") || name.starts_with("badmailto")) {
    return "recipients";
  }
  return name.starts_with("badhelo") ? "HELO names" : std::string_view();
}

// Returns the lines that have refused something so far and will not do so any more.
std::vector<std::string> lost_lines(const ControlFile& file, const OldPrograms& programs,
                                    const legacy::SenderLists& lists) {
  std::vector<std::string> lost = lists.expressions;
  if (refused_by(file.name) == "HELO names") {
    return lost;  // a name and .suffix have the same meaning here
  }
  lost.insert(lost.end(), lists.suffixes.begin(), lists.suffixes.end());
  if (programs.has(Trait::qregex)) {
    lost.insert(lost.end(), lists.fragments.begin(), lists.fragments.end());
  }
  return lost;
}

// Returns the finding on a list of senders, recipients or HELO names, which are regular
// expressions if that is configured.
Finding check_list(const ControlFile& file, const OldPrograms& programs, bool expressions) {
  constexpr std::string_view kSwitch = "write 1 into control/qregex";
  const auto lines = control_lines(file.content.value_or(""));
  const legacy::SenderLists lists = legacy::classify_senders(lines);
  const std::vector<std::string> lost = lost_lines(file, programs, lists);
  if (expressions || lines.empty()) {
    return about(file, "control-file", Severity::harmless, "is honoured");
  }
  if (!lost.empty()) {
    Finding finding =
        about(file, "regex-list", Severity::loss,
              base::concat({"holds expressions (", quoted(lost), "), which are taken for ",
                            refused_by(file.name) == "HELO names" ? "names: " : "addresses: ",
                            refused_by(file.name), " that they refuse will be accepted"}));
    finding.origin = "qregex";
    finding.action = !lists.expressions.empty() || programs.has(Trait::qregex)
                         ? std::string(kSwitch)
                         : "replace them by addresses and @domains";
    return finding;
  }
  if (programs.has(Trait::qregex)) {
    Finding finding =
        about(file, "regex-list", Severity::note,
              "its lines were expressions that matched anywhere (@example.com also "
              "@example.com.au); now each is a whole address, @domain or name");
    finding.origin = "qregex";
    finding.action = base::concat({kSwitch, " to keep that"});
    return finding;
  }
  return about(file, "control-file", Severity::harmless, "is honoured");
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

std::optional<Finding> check_known(const ControlFile& file, const OldPrograms& programs,
                                   bool expressions) {
  if (!refused_by(file.name).empty()) {
    return check_list(file, programs, expressions);
  }
  if (file.name == "concurrencylocal" || file.name == "concurrencyremote") {
    return check_concurrency(file, programs);
  }
  return std::nullopt;
}

// Programs that will continue to work with reqmail, and switches of the old qmail.
struct Surroundings {
  // Whether the lists of senders, recipients and HELO names are regular expressions for reqmail
  // too.
  bool expressions = false;
  bool plugins_are_off = false;
  // Whether QMAILQUEUE names an executable program; the same for the other variables.
  bool queue_program = false;
  bool remote_program = false;
  bool local_program = false;
};

Surroundings look_around(const std::string& control, const Request& request,
                         const OldPrograms& programs, const Services& services) {
  const auto named = [&](std::string_view variable) {
    return names_program(services, variable, request.home, request.root);
  };
  Surroundings around;
  const auto qregex = read_plain(base::concat({control, "/qregex"}));
  around.expressions = is_switched_on(services, "QREGEX") ||
                       (qregex && *qregex && base::leading_number(**qregex).value_or(0) > 0);
  // The sagredo patch needs this variable; other patches run plugins whenever the file exists.
  around.plugins_are_off =
      programs.has(Trait::sagredo) && !is_switched_on(services, "ENABLE_SPP");
  around.queue_program = named("QMAILQUEUE");
  around.remote_program = named("QMAILREMOTE");
  around.local_program = named("QMAILLOCAL");
  return around;
}

// Returns why a file still has its effect, or why it never had one; empty if neither is the
// case.
std::string_view why_harmless(const ControlFile& file, const legacy::ControlVerdict& verdict,
                              const Surroundings& around) {
  if (is_off(file, verdict.off)) {
    return "has no effect as it is";
  }
  if (around.plugins_are_off && file.name == "smtpplugins") {
    return "has no effect without ENABLE_SPP";
  }
  const bool by_queue =
      around.queue_program && (file.name == "qfilters" || file.name == "smtpfilters");
  const bool by_delivery = (around.remote_program && file.name == "remotefilters") ||
                           (around.local_program && file.name == "localfilters");
  const bool by_signer =
      (around.queue_program || around.remote_program) && verdict.origin == "DKIM";
  return by_queue || by_delivery || by_signer
             ? "is read by the program in QMAILQUEUE, QMAILREMOTE or QMAILLOCAL, which goes on"
             : "";
}

Finding of_verdict(const ControlFile& file, const legacy::ControlVerdict& verdict,
                   const Surroundings& around) {
  const std::string_view harmless = why_harmless(file, verdict, around);
  if (!harmless.empty() && verdict.severity != Severity::harmless) {
    return about(file, "control-file", Severity::harmless, std::string(harmless));
  }
  Finding finding = about(file, "control-file", verdict.severity,
                          verdict.severity == Severity::harmless
                              ? std::string(verdict.text)
                              : base::concat({"is ignored: ", verdict.text}));
  finding.origin = std::string(verdict.origin);
  finding.action = std::string(verdict.action);
  return finding;
}

// Only a line feed ends a line of a control file, so the CR that some editors write before it
// becomes part of the value.
std::optional<Finding> check_line_ends(const ControlFile& file) {
  const auto* row = known(file.name);
  if (!file.content || row == nullptr || row->kind == control::Kind::hidden ||
      row->kind == control::Kind::table) {
    return std::nullopt;
  }
  const auto lines = base::lines(*file.content);
  const auto count = std::count_if(lines.begin(), lines.end(), [](std::string_view line) {
    return !line.empty() && line.back() == '\r';
  });
  if (count == 0) {
    return std::nullopt;
  }
  Finding finding =
      about(file, "control-cr", Severity::note,
            base::concat({"has ", counted(static_cast<std::uint64_t>(count), "line"),
                          " with a ", "CR at the end, which will be part of the value"}));
  finding.action = "remove it";
  return finding;
}

// Reports a control file that is of another type. Some names are those of directories.
std::optional<Finding> check_readable(const ControlFile& file,
                                      const Result<std::optional<std::string>>& content) {
  if (content || S_ISDIR(file.mode)) {
    return std::nullopt;
  }
  return about(file, "control-unreadable", Severity::note,
               base::concat({"was not read: ", content.error().text}));
}

void check_file(std::vector<Finding>& findings, ControlFile& file, const OldPrograms& programs,
                const Surroundings& around) {
  auto content = read_plain(file.path);
  if (auto trouble = check_readable(file, content)) {
    findings.push_back(std::move(*trouble));
  }
  if (content) {
    file.content = std::move(*content);
  }
  if (auto odd = check_line_ends(file)) {
    findings.push_back(std::move(*odd));
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
    auto finding = check_known(file, programs, around.expressions);
    findings.push_back(finding
                           ? std::move(*finding)
                           : about(file, "control-file", Severity::harmless, "is honoured"));
    return;
  }
  if (file.name == "srsdomains" && file.content) {
    if (auto finding = check_srs_domains(file.path, *file.content)) {
      findings.push_back(std::move(*finding));
      return;
    }
  }
  if (const legacy::ControlVerdict* verdict = legacy::verdict_on_control_file(file.name)) {
    findings.push_back(of_verdict(file, *verdict, around));
    return;
  }
  findings.push_back(about(file, "control-unknown", Severity::note,
                           "belongs to nothing that is known, and is ignored"));
}

}  // namespace

std::vector<Finding> check_control(const Request& request, const OldPrograms& programs,
                                   const Services& services) {
  const std::string control = base::concat({request.home, "/control"});
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
  const Surroundings around = look_around(control, request, programs, services);
  for (const Entry& entry : *entries) {
    ControlFile file{entry.name, base::concat({control, "/", entry.name}), entry.status.st_mode,
                     std::nullopt};
    if (S_ISLNK(file.mode)) {
      const auto target = look(file.path);
      file.mode = target && *target ? (*target)->st_mode : file.mode;
    }
    check_file(findings, file, programs, around);
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

}  // namespace reqmail::survey
