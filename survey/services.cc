#include "survey/services.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <optional>
#include <set>
#include <string_view>
#include <utility>

#include "base/ascii.h"
#include "base/text.h"
#include "legacy/shell_words.h"
#include "legacy/tcp_rules.h"
#include "survey/old_files.h"
#include "survey/paths.h"
#include "sys/file.h"

namespace reqmail::survey {

namespace {

constexpr std::array<std::string_view, 6> kServiceDirectories = {
    "/service", "/var/service", "/etc/service", "/etc/sv", "/run/service", "/etc/s6/sv"};
constexpr std::array<std::string_view, 5> kScriptDirectories = {
    "/etc/init.d", "/etc/rc.d", "/etc/rc.d/init.d", "/usr/local/etc/rc.d", "/etc/xinetd.d"};
constexpr std::array<std::string_view, 4> kUnitDirectories = {
    "/etc/systemd/system", "/run/systemd/system", "/lib/systemd/system",
    "/usr/lib/systemd/system"};
constexpr std::array<std::string_view, 2> kOtherScripts = {"/etc/inetd.conf", "/etc/rc.local"};
// In these directories the names of rules begin with "tcp"; in those below, every file is a
// rule.
constexpr std::array<std::string_view, 3> kPlacesOfRules = {"/etc", "/etc/qmail",
                                                            "/home/vpopmail/etc"};
constexpr std::array<std::string_view, 3> kRuleDirectories = {
    "/etc/tcprules.d", "/etc/tcprules", "/etc/tcpserver"};
constexpr std::string_view kRulesBegin = "tcp";
constexpr std::string_view kCompiled = ".cdb";
// The number of entries of an environment directory that are read.
constexpr std::size_t kVariablesLimit = 1000;

bool ends_with(std::string_view text, std::string_view end) {
  return text.size() >= end.size() && text.substr(text.size() - end.size()) == end;
}

class Finder {
 public:
  Finder(std::string home, std::string root) : home_(std::move(home)), root_(std::move(root)) {}

  Services find() {
    for (const std::string_view directory : kServiceDirectories) {
      add_service_directory(in_root(directory));
    }
    add_service_directory(base::concat({home_, "/supervise"}));
    add_service_directory(base::concat({home_, "/service"}));
    add_script(base::concat({home_, "/rc"}), false);
    for (const std::string_view path : kOtherScripts) {
      add_script(in_root(path), false);
    }
    for (const std::string_view directory : kScriptDirectories) {
      add_files(in_root(directory), false);
    }
    for (const std::string_view directory : kUnitDirectories) {
      add_files(in_root(directory), true);
    }
    for (const ServiceScript& script : services_.scripts) {
      add_rules_of(script);
    }
    add_rules_in(base::concat({home_, "/control"}), kRulesBegin);
    for (const std::string_view directory : kPlacesOfRules) {
      add_rules_in(in_root(directory), kRulesBegin);
    }
    for (const std::string_view directory : kRuleDirectories) {
      add_rules_in(in_root(directory), "");
    }
    return std::move(services_);
  }

 private:
  [[nodiscard]] std::string in_root(std::string_view path) const {
    return base::concat({root_, path});
  }

  void trouble(const std::string& path, std::string_view why) {
    Finding finding;
    finding.code = "script-unreadable";
    finding.severity = Severity::note;
    finding.subject = path;
    finding.text = base::concat({"was not read: ", why});
    services_.findings.push_back(std::move(finding));
  }

  // A file with two names counts once.
  bool is_new(const std::string& path) {
    const auto status = sys::status(path);
    return !status || seen_.insert({status->st_dev, status->st_ino}).second;
  }

  void add_service_directory(const std::string& directory) {
    const auto entries = list_entries(directory);
    if (!entries) {
      if (is_directory(directory)) {
        trouble(directory, entries.error().text);
      }
      return;
    }
    for (const Entry& entry : *entries) {
      if (entry.name[0] != '.') {
        add_script(base::concat({directory, "/", entry.name, "/run"}), false);
        add_log(base::concat({directory, "/", entry.name, "/log/run"}));
      }
    }
  }

  void add_files(const std::string& directory, bool units) {
    const auto entries = list_entries(directory);
    if (!entries) {
      return;
    }
    for (const Entry& entry : *entries) {
      const bool unit = ends_with(entry.name, ".service") || ends_with(entry.name, ".socket");
      if ((!units || unit) && !S_ISDIR(entry.status.st_mode)) {
        add_script(base::concat({directory, "/", entry.name}), units);
      }
    }
  }

  void add_script(const std::string& path, bool unit) {
    auto text = read_plain(path);
    if (!text) {
      // Other units and init scripts have nothing to do with qmail, so only ours are reported.
      const bool ours = ends_with(path, "/run") || path.find("qmail") != std::string::npos;
      if (text.error().error != ENOTDIR && ours) {
        trouble(path, text.error().text);
      }
      return;
    }
    if (!*text || (*text)->find("qmail") == std::string::npos || !is_new(path)) {
      return;
    }
    ServiceScript script{path, std::move(**text), {}, {}};
    script.facts = legacy::read_script(script.text, unit, [&](const std::string& name) {
      auto sourced = read_plain(place_of(script.path, name));
      return sourced ? std::move(*sourced) : std::nullopt;
    });
    script.settings = script.facts.settings;
    for (const std::string& directory : script.facts.environment_directories) {
      add_environment(script, directory);
    }
    services_.scripts.push_back(std::move(script));
  }

  // Returns the path that a script names; a relative one begins at the script's directory.
  [[nodiscard]] std::string place_of(const std::string& script, const std::string& name) const {
    return name.substr(0, 1) == "/" ? in_root(name)
                                    : base::concat({sys::directory_of(script), "/", name});
  }

  void add_log(const std::string& path) {
    const auto text = read_plain(path);
    if (!text || !*text || (*text)->find("multilog") == std::string::npos || !is_new(path)) {
      return;
    }
    LogScript log{path, {}};
    for (const legacy::LogicalLine& line : legacy::logical_lines(**text)) {
      for (const std::string& word : legacy::shell_words(line.text)) {
        if (word.size() > 1 && (word[0] == '+' || word[0] == '-') &&
            word.find('*') != std::string::npos) {
          log.patterns.push_back(word);
        }
      }
    }
    services_.logs.push_back(std::move(log));
  }

  // Adds the variables of an environment directory: the name of a file is the variable, and its
  // first line is the value.
  void add_environment(ServiceScript& script, const std::string& directory) {
    const std::string path = place_of(script.path, directory);
    const auto entries = list_entries(path);
    if (!entries) {
      return;
    }
    std::size_t count = 0;
    for (const Entry& entry : *entries) {
      if (++count > kVariablesLimit) {
        return;
      }
      const auto value = read_plain(base::concat({path, "/", entry.name}));
      if (value && *value) {
        const std::string_view line = std::string_view(**value).substr(0, (*value)->find('\n'));
        script.settings.push_back({entry.name, std::string(base::trim_end(line))});
      }
    }
  }

  void add_rules_of(const ServiceScript& script) {
    for (std::string path : script.facts.rule_files) {
      if (legacy::is_computed(path) || path.empty()) {
        continue;
      }
      if (ends_with(path, kCompiled)) {
        path.resize(path.size() - kCompiled.size());
      }
      add_rules(place_of(script.path, path));
    }
  }

  // Adds the rules whose names begin with `begin`, except files that editors leave.
  void add_rules_in(const std::string& directory, std::string_view begin) {
    const auto entries = list_entries(directory);
    if (!entries) {
      return;
    }
    for (const Entry& entry : *entries) {
      const bool is_file = S_ISREG(entry.status.st_mode) || S_ISLNK(entry.status.st_mode);
      if (is_file && entry.name.rfind(begin, 0) == 0 && entry.name[0] != '.' &&
          entry.name.back() != '~' && !ends_with(entry.name, ".tmp")) {
        add_rule_file(base::concat({directory, "/", entry.name}),
                      ends_with(entry.name, kCompiled));
      }
    }
  }

  // Adds both the text and the compiled file, which may differ.
  void add_rules(const std::string& path) {
    add_rule_file(path, false);
    add_rule_file(base::concat({path, kCompiled}), true);
  }

  void add_rule_file(const std::string& path, bool compiled) {
    const auto text = read_plain(path);
    if (!text) {
      trouble(path, text.error().text);
      return;
    }
    if (!*text || !is_new(path)) {
      return;
    }
    RuleFile rules{path, {}, compiled};
    if (compiled) {
      auto settings = legacy::read_rules_cdb(**text);
      if (!settings) {
        trouble(path, settings.error().text);
        return;
      }
      rules.settings = std::move(*settings);
    } else {
      rules.settings = legacy::read_rules(**text);
    }
    services_.rules.push_back(std::move(rules));
  }

  std::string home_;
  std::string root_;
  std::set<std::pair<dev_t, ino_t>> seen_;
  Services services_;
};

}  // namespace

Services find_services(const std::string& home, const std::string& root) {
  return Finder(home, root).find();
}

}  // namespace reqmail::survey
