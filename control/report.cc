#include "control/report.h"

#include <algorithm>
#include <cerrno>
#include <optional>
#include <string_view>

#include "base/number.h"
#include "base/terminal_text.h"
#include "base/text.h"
#include "control/derived.h"
#include "control/file_name.h"
#include "control/files.h"
#include "control/reader.h"
#include "legacy/control_verdicts.h"
#include "sys/directory.h"
#include "sys/file.h"

namespace reqmail::control {

namespace {

constexpr std::string_view kDefault = "(Default.) ";
constexpr std::string_view kTrouble = "Oops! Trouble reading this file.\n";
constexpr std::string_view kNoName = "undefined! Uh-oh";
constexpr char kMask = '?';
constexpr std::string_view kEllipsis = "\xe2\x80\xa6";

std::string path_of(std::string_view name) {
  return base::concat({"control/", name});
}

std::string joined(const std::vector<std::string>& items) {
  std::string text;
  for (const std::string& item : items) {
    text += text.empty() ? item : ", " + item;
  }
  return text;
}

// Makes a value or a name safe for a terminal.
std::string shown(std::string_view text) {
  return base::terminal_safe(text, kMask);
}

std::string sentence(const KnownFile& file, std::string_view value) {
  return base::concat({file.before, value, file.after, "\n"});
}

// Returns the value of an absent file.
std::string_view default_value(const KnownFile& file, const Me& me) {
  if (file.name == "me") {
    return kNoName;
  }
  if (file.fallback_kind != Fallback::me) {
    return file.fallback;
  }
  // Without control/me the value is the file's own name.
  return me ? std::string_view(*me) : file.name;
}

std::string describe_line(const KnownFile& file, const Me& me) {
  auto line = read_line(path_of(file.name));
  if (!line) {
    return std::string(kTrouble);
  }
  if (*line) {
    return sentence(file, shown(**line));
  }
  return base::concat({kDefault, sentence(file, shown(default_value(file, me)))});
}

std::uint64_t fallback_number(const KnownFile& file) {
  if (file.name != "concurrencylocaluser") {
    return file.fallback_number;
  }
  ControlFiles files(ControlFiles::Unreadable::is_absent);
  return default_local_user_limit(spawn_places(files.number("concurrencylocal")));
}

std::string describe_number(const KnownFile& file) {
  auto number = read_number(path_of(file.name));
  if (!number) {
    return std::string(kTrouble);
  }
  if (!*number && !file.absent.empty()) {
    return base::concat({kDefault, file.absent, "\n"});
  }
  const std::string text =
      sentence(file, base::decimal(number->value_or(fallback_number(file))));
  return *number ? text : base::concat({kDefault, text});
}

std::string describe_list(const KnownFile& file) {
  auto lines = read_lines(path_of(file.name));
  if (!lines) {
    return std::string(kTrouble);
  }
  if (!*lines) {
    return base::concat({kDefault, file.absent, "\n"});
  }
  std::string text = "\n";
  for (const std::string& line : **lines) {
    const bool routes = file.name == "smtproutes" || file.name == "authsenders";
    text += sentence(file, routes ? without_secrets(line) : shown(line));
  }
  return text;
}

// Without rcpthosts, morercpthosts has no effect.
std::string describe_morercpthosts(KnownFile file) {
  const auto rcpthosts = sys::status(path("rcpthosts"));
  if (!rcpthosts && rcpthosts.error().error == ENOENT) {
    file.before = "No rcpthosts; doesn't matter that morercpthosts has ";
    file.absent = "No rcpthosts; morercpthosts is irrelevant.";
  }
  return describe_list(file);
}

std::string describe_morercpthosts_cdb(const KnownFile& file) {
  const auto text = sys::status(path("morercpthosts"));
  const auto cdb = sys::status(path_of(file.name));
  if (!text && !cdb) {
    return base::concat({kDefault, file.absent, "\n"});
  }
  if (!text) {
    return "Oops! morercpthosts.cdb exists but morercpthosts doesn't.\n";
  }
  if (!cdb) {
    return "Oops! morercpthosts exists but morercpthosts.cdb doesn't.\n";
  }
  return text->st_mtime > cdb->st_mtime
             ? "Oops! morercpthosts.cdb is older than morercpthosts.\n"
             : "Modified recently enough; hopefully up to date.\n";
}

// Returns whether the report leaves a file out because it is absent: netqmail's report has no
// text for these.
bool is_left_out(const KnownFile& file) {
  if (file.kind != Kind::hidden && file.kind != Kind::word &&
      (file.kind != Kind::list || !file.absent.empty())) {
    return false;
  }
  const auto found = sys::status(path_of(file.name));
  return !found && found.error().error == ENOENT;
}

bool is_known(std::string_view name) {
  return std::any_of(kKnownFiles.begin(), kKnownFiles.end(),
                     [name](const KnownFile& file) { return file.name == name; });
}

// Returns whether a value of the file ends in CR, which happens if it was edited with an editor
// that ends lines with CR LF.
bool has_value_with_cr(const KnownFile& file) {
  const auto ends_in_cr = [](const std::string& value) { return value.ends_with('\r'); };
  if (file.kind == Kind::line) {
    const auto line = read_line(path_of(file.name));
    return line && *line && ends_in_cr(**line);
  }
  if (file.kind == Kind::list || file.kind == Kind::word) {
    const auto lines = read_lines(path_of(file.name));
    return lines && *lines && std::any_of((*lines)->begin(), (*lines)->end(), ends_in_cr);
  }
  return false;
}

// Returns a paragraph about the files whose values end in CR; empty if there are none.
std::string describe_values_with_cr() {
  std::vector<std::string> names;
  for (const KnownFile& file : kKnownFiles) {
    if (has_value_with_cr(file)) {
      names.emplace_back(file.name);
    }
  }
  if (names.empty()) {
    return {};
  }
  return base::concat({"\nOops! Lines of these files end in CR, which is part of the value: ",
                       joined(names), ".\n"});
}

std::string list_facts(std::string_view title, std::string_view fact) {
  return base::concat({title, ": ", fact, ".\n"});
}

}  // namespace

std::string describe_installation(const Installation& installation) {
  return list_facts("qmail home directory", installation.home) +
         list_facts("user-ext delimiter", std::string_view(&installation.break_character, 1)) +
         list_facts("paternalism (in decimal)", base::decimal(installation.paternalism)) +
         list_facts("silent concurrency limit", base::decimal(installation.spawn_limit)) +
         list_facts("subdirectory split", base::decimal(installation.split)) +
         list_facts("user ids", joined(installation.user_ids)) +
         list_facts("group ids", joined(installation.group_ids));
}

std::string describe_file(const KnownFile& file, const Me& me) {
  if (is_left_out(file)) {
    return {};
  }
  std::string text = base::concat({"\n", file.name, ": "});
  if (file.name == "morercpthosts") {
    return text + describe_morercpthosts(file);
  }
  switch (file.kind) {
  case Kind::line:
    return text + describe_line(file, me);
  case Kind::number:
    return text + describe_number(file);
  case Kind::word:
  case Kind::list:
    return text + describe_list(file);
  case Kind::hidden:
    return text + sentence(file, "");
  case Kind::table:
    break;
  }
  return text + describe_morercpthosts_cdb(file);
}

std::string describe_unknown(const std::string& name) {
  if (const legacy::ControlVerdict* verdict = legacy::verdict_on_control_file(name)) {
    return base::concat({"\n", shown(name), ": ignored: belongs to ", verdict->origin, ".\n"});
  }
  return base::concat({"\n", shown(name), ": I have no idea what this file does.\n"});
}

Result<std::string> describe_control_files() {
  if (const auto status = sys::status("control/."); !status) {
    return temporary("Oops! Unable to chdir to control.", status.error().error);
  }
  auto names = sys::list_directory("control");
  if (!names) {
    return temporary("Oops! Unable to open current directory.", names.error().error);
  }
  auto me = read_line(path("me"));
  if (!me) {
    return temporary("Oops! Trouble reading control/me.", me.error().error);
  }
  std::string text;
  for (const KnownFile& file : kKnownFiles) {
    text += describe_file(file, *me);
  }
  std::sort(names->begin(), names->end());
  for (const std::string& name : *names) {
    if (!is_known(name)) {
      text += describe_unknown(name);
    }
  }
  return text + describe_values_with_cr();
}

// The form of a line is "domain:relay|user|password", or "domain:relay user password" with
// older patches.
std::string without_secrets(const std::string& line) {
  std::size_t end = line.find('|');
  if (end != std::string::npos) {
    return base::concat({shown(std::string_view(line).substr(0, end)), "|", kEllipsis});
  }
  end = line.find_first_of(" \t", line.find(':'));
  if (line.find(':') == std::string::npos || end == std::string::npos) {
    return shown(line);
  }
  const std::size_t user = line.find_first_not_of(" \t", end);
  if (line.find_first_of(" \t", user) == std::string::npos) {
    return shown(line);
  }
  return base::concat({shown(std::string_view(line).substr(0, end)), " ", kEllipsis});
}

}  // namespace reqmail::control
