#include "survey/programs.h"

#include <algorithm>
#include <array>

#include "base/number.h"
#include "base/text.h"
#include "legacy/elf_symbols.h"
#include "legacy/marks.h"
#include "survey/mini_host.h"
#include "survey/old_files.h"
#include "survey/paths.h"
#include "sys/file.h"

namespace reqmail::survey {

namespace {

// Forks whose queue, look-ups or settings differ from qmail's.
constexpr std::array<std::string_view, 3> kForks = {"indimail", "qmail-ldap", "s/qmail"};

// Texts in our own programs: in names of symbols, or, if these were stripped, in messages of
// checks in the library.
constexpr std::array<std::string_view, 2> kOurMarks = {"N7reqmail", "reqmail::"};

// Programs that are often replaced by a wrapper, with a text that the original has.
struct Wrapped {
  std::string_view name;
  std::string_view text;
  std::string_view way_out;
};

constexpr std::array kWrapped = {
    Wrapped{"qmail-local", "Delivered-To", "name it in QMAILLOCAL"},
    Wrapped{"qmail-queue", "lock/trigger", "name it in QMAILQUEUE"},
    Wrapped{"qmail-remote", "control/smtproutes", "name it in QMAILREMOTE"},
    Wrapped{"qmail-smtpd", "control/rcpthosts", "call it from the run script"},
};

bool contains(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

bool is_script(std::string_view content) {
  return content.substr(0, 2) == "#!";
}

bool is_ours(std::string_view content) {
  return std::any_of(kOurMarks.begin(), kOurMarks.end(),
                     [&](std::string_view mark) { return contains(content, mark); });
}

std::string path_in(const std::string& bin, std::string_view name) {
  return base::concat({bin, "/", name});
}

void add_patch(OldPrograms& programs, std::string_view patch) {
  auto& list = programs.patches;
  const auto place = std::lower_bound(list.begin(), list.end(), patch);
  if (place == list.end() || *place != patch) {
    list.insert(place, std::string(patch));
  }
}

bool has_patch(const OldPrograms& programs, std::string_view patch) {
  return std::binary_search(programs.patches.begin(), programs.patches.end(), patch);
}

// Returns the name under which the original of a wrapped program was kept: it begins with
// `name` and has the original's text.
std::string original_of(const std::string& bin, const std::vector<Entry>& entries,
                        const Wrapped& wrapped) {
  for (const Entry& entry : entries) {
    if (entry.name == wrapped.name || entry.name.rfind(wrapped.name, 0) != 0 ||
        entry.name == "qmail-smtpd-tls" || entry.name == "qmail-remote-tls") {
      continue;
    }
    const auto content = read_plain(path_in(bin, entry.name), kProgramLimit);
    if (content && *content && !is_script(**content) && contains(**content, wrapped.text)) {
      return entry.name;
    }
  }
  return {};
}

// Returns the target of a link in bin/ as an absolute path; empty if it is not a link.
std::string target_of(const std::string& bin, std::string_view name) {
  const std::string path = path_in(bin, name);
  const auto status = sys::link_status(path);
  if (!status || !S_ISLNK(status->st_mode)) {
    return {};
  }
  const auto target = real_path(path);
  return target ? *target : std::string();
}

// Reports a program that was installed as a link. It keeps its own name, so reqmail can be
// configured to run it.
void check_linked(OldPrograms& programs, const std::string& bin, const Wrapped& wrapped,
                  const std::string& target) {
  Finding finding;
  finding.code = "program-wrapped";
  finding.subject = path_in(bin, wrapped.name);
  finding.severity = Severity::loss;
  finding.text = base::concat(
      {"is a link to ", target, ", a program in front; ours takes the link's place"});
  finding.action = base::concat({wrapped.way_out, ": it stays where it is"});
  if (wrapped.name == "qmail-queue") {
    programs.queue_program = target;
    finding.severity = Severity::note;
    finding.action =
        "set QMAILQUEUE wherever mail comes in, and DKQUEUE, where it is set, to "
        "bin/qmail-queue";
  }
  programs.findings.push_back(std::move(finding));
}

void check_wrapped(OldPrograms& programs, const std::string& bin,
                   const std::vector<Entry>& entries, const Wrapped& wrapped,
                   std::string_view content) {
  if (!is_script(content) && contains(content, wrapped.text)) {
    return;
  }
  const std::string target = target_of(bin, wrapped.name);
  if (!target.empty()) {
    check_linked(programs, bin, wrapped, target);
    return;
  }
  Finding finding;
  finding.code = "program-wrapped";
  finding.subject = path_in(bin, wrapped.name);
  finding.severity = Severity::loss;
  const std::string original = original_of(bin, entries, wrapped);
  if (original.empty()) {
    finding.text = base::concat(
        {is_script(content) ? "is a script" : "is a program that is not known",
         "; ours takes its place, and what it did beside qmail's work will not be done"});
  } else {
    finding.text = base::concat({"stands in front of ", original,
                                 ", which is the true one; ours takes its place, and mail will "
                                 "go past what it did"});
  }
  finding.action = base::concat({"keep it under another name and ", wrapped.way_out});
  programs.findings.push_back(std::move(finding));
}

void read_program(OldPrograms& programs, const std::string& bin,
                  const std::vector<Entry>& entries, std::string_view name) {
  const auto content = read_plain(path_in(bin, name), kProgramLimit);
  if (!content) {
    Finding finding;
    finding.code = "program-unreadable";
    finding.severity = Severity::note;
    finding.subject = path_in(bin, name);
    finding.text = base::concat(
        {"could not be looked into (", content.error().text, "): its patches are not known"});
    programs.findings.push_back(std::move(finding));
    return;
  }
  if (!*content) {
    return;
  }
  if (is_ours(**content)) {
    programs.traits.insert(Trait::reqmail);
    return;
  }
  recognise_text(programs, name, **content);
  for (const Wrapped& wrapped : kWrapped) {
    if (wrapped.name == name && !(name == "qmail-queue" && programs.has(Trait::qmqp_queue))) {
      check_wrapped(programs, bin, entries, wrapped, **content);
    }
  }
  if (!programs.split) {
    const auto split = legacy::elf_int(**content, "auto_split");
    if (split && *split > 0) {
      programs.split = static_cast<std::uint64_t>(*split);
    }
  }
  if (!programs.spawn_limit) {
    const auto limit = legacy::elf_int(**content, "auto_spawn");
    if (limit && *limit > 0) {
      programs.spawn_limit = static_cast<std::uint64_t>(*limit);
    }
  }
}

std::string version_of(const OldPrograms& programs, const std::vector<Entry>& entries) {
  const auto in_bin = [&](std::string_view name) {
    return std::any_of(entries.begin(), entries.end(),
                       [&](const Entry& entry) { return entry.name == name; });
  };
  if (programs.has(Trait::reqmail)) {
    return "reqmail";
  }
  for (const std::string_view fork : kForks) {
    if (has_patch(programs, fork)) {
      return std::string(fork);
    }
  }
  if (!in_bin("qmail-send")) {
    return std::string(kNoQmail);
  }
  if (has_patch(programs, "sagredo")) {
    return "qmail 1.03 or netqmail 1.06 with the combined patch of sagredo";
  }
  if (has_patch(programs, "chkuser") && has_patch(programs, "spamcontrol")) {
    return "QMailToaster";
  }
  if (!has_patch(programs, "QMAILQUEUE")) {
    return "qmail 1.03";
  }
  if (!in_bin("elq") && !in_bin("pinq") && !in_bin("qail")) {
    return "notqmail";
  }
  return "netqmail 1.06, or qmail 1.03 with the QMAILQUEUE patch";
}

void check_fork(OldPrograms& programs, const std::string& bin) {
  if (std::find(kForks.begin(), kForks.end(), programs.version) == kForks.end()) {
    return;
  }
  Finding finding;
  finding.code = "fork";
  finding.severity = Severity::loss;
  finding.subject = bin;
  finding.origin = programs.version;
  finding.text = base::concat(
      {"is ", programs.version,
       ", whose accounts, settings and queue are its own: most of them would be ignored"});
  finding.action =
      "install reqmail beside it, move accounts and settings, let the old queue "
      "run empty";
  programs.findings.push_back(std::move(finding));
}

}  // namespace

void recognise_text(OldPrograms& programs, std::string_view name, std::string_view content) {
  for (const legacy::Mark& mark : legacy::kMarks) {
    if (mark.program == name && contains(content, mark.text)) {
      if (!mark.patch.empty()) {
        add_patch(programs, mark.patch);
      }
      if (mark.trait) {
        programs.traits.insert(*mark.trait);
      }
    }
  }
}

OldPrograms recognise_programs(const std::string& bin) {
  OldPrograms programs;
  const auto entries = list_entries(bin);
  if (!entries) {
    Finding finding;
    finding.code = "unreadable";
    finding.subject = bin;
    finding.text = base::concat({"cannot be listed: ", entries.error().text});
    programs.findings.push_back(std::move(finding));
    programs.version = "not known";
    return programs;
  }
  if (queues_elsewhere(sys::directory_of(bin))) {
    programs.traits.insert(Trait::qmqp_queue);
  }
  std::string_view last;
  for (const legacy::Mark& mark : legacy::kMarks) {
    if (mark.program != last) {
      read_program(programs, bin, *entries, mark.program);
      last = mark.program;
    }
  }
  for (const Entry& entry : *entries) {
    for (const legacy::ForeignProgram& program : legacy::kForeignPrograms) {
      if (program.name == entry.name) {
        add_patch(programs, program.patch);
      }
    }
  }
  if (programs.has(Trait::reqmail)) {
    programs.patches.clear();  // a program with our names has these features by itself
  }
  programs.version = version_of(programs, *entries);
  check_fork(programs, bin);
  return programs;
}

}  // namespace reqmail::survey
