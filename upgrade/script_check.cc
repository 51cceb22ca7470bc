#include "upgrade/script_check.h"

#include <algorithm>
#include <array>
#include <optional>
#include <set>
#include <string_view>
#include <utility>

#include "base/ascii.h"
#include "base/number.h"
#include "base/text.h"
#include "upgrade/old_files.h"
#include "upgrade/variables.h"

namespace reqmail::upgrade {

namespace {

constexpr std::array<std::string_view, 3> kProgramVariables = {"QMAILLOCAL", "QMAILQUEUE",
                                                               "QMAILREMOTE"};
// From this value on SPF refuses mail.
constexpr std::uint64_t kSpfRefuses = 3;
// qmail-smtpd-tls maps 10 MB before it reads its first byte; a handshake and a message want
// room.
constexpr std::uint64_t kTlsMemory = 20000000;

std::optional<std::string> last_value(const std::vector<Setting>& settings,
                                      std::string_view name) {
  std::optional<std::string> value;
  for (const Setting& setting : settings) {
    if (setting.name == name) {
      value = setting.value;
    }
  }
  return value;
}

bool positive(const std::optional<std::string>& value) {
  return value && base::leading_number(*value).value_or(0) > 0;
}

// What a variable's value makes of the row's severity.
Severity severity_of(const VariableVerdict& verdict, const Setting& setting) {
  if (setting.name == "CHKUSER_START" && base::equal_ci(setting.value, "NONE")) {
    return Severity::harmless;
  }
  if (setting.name == "SPFBEHAVIOR") {
    const auto number = base::leading_number(setting.value);
    if (number) {
      return *number >= kSpfRefuses ? Severity::loss
             : *number > 0          ? Severity::note
                                    : Severity::harmless;
    }
  }
  return verdict.severity;
}

class Checker {
 public:
  Checker(const OldPrograms& programs, std::string home, std::string root)
      : programs_(programs), home_(std::move(home)), root_(std::move(root)) {}

  void settings_of(const std::string& path, const std::vector<Setting>& settings, bool rules) {
    std::set<std::string> seen;
    for (const Setting& setting : settings) {
      if (!seen.insert(base::concat({setting.name, "=", setting.value})).second) {
        continue;
      }
      if (std::find(kProgramVariables.begin(), kProgramVariables.end(), setting.name) !=
          kProgramVariables.end()) {
        program_variable(path, setting);
      } else if (const VariableVerdict* verdict = verdict_on_variable(setting.name)) {
        variable(path, setting, *verdict);
      } else if (rules) {
        add("variable-unknown", Severity::note, path, "",
            base::concat(
                {"sets ", base::printable(setting.name), ", which means nothing to reqmail"}),
            "");
      }
    }
  }

  void clear_auth(const ServiceScript& script, const std::vector<Setting>& rules) {
    if (!programs_.has(Trait::server_auth) || programs_.has(Trait::forces_tls) ||
        programs_.has(Trait::reqmail)) {
      return;
    }
    std::vector<Setting> all = rules;
    all.insert(all.end(), script.settings.begin(), script.settings.end());
    for (const Invocation& call : script.facts.invocations) {
      if (call.program == "qmail-smtpd" && offers_clear_auth(call, all)) {
        announce_clear_auth(script, call);
        return;
      }
    }
  }

  void memory(const ServiceScript& script) {
    const auto& calls = script.facts.invocations;
    const bool server = std::any_of(calls.begin(), calls.end(), [](const Invocation& call) {
      return call.program == "qmail-smtpd" || call.program == "qmail-popup";
    });
    const auto certificate = look(base::concat({home_, "/control/servercert.pem"}));
    if (!server || !script.facts.memory_limit || *script.facts.memory_limit >= kTlsMemory ||
        !certificate || !*certificate) {
      return;
    }
    add("memory-limit", Severity::note, script.path, "",
        base::concat({"limits memory to ", base::decimal(*script.facts.memory_limit),
                      " bytes, which is too little for TLS"}),
        base::concat({"allow at least ", base::decimal(kTlsMemory)}));
  }

  std::vector<Finding> take() { return std::move(findings_); }

 private:
  Finding& add(std::string code, Severity severity, const std::string& subject,
               std::string_view origin, std::string text, std::string action) {
    Finding finding;
    finding.code = std::move(code);
    finding.severity = severity;
    finding.subject = subject;
    finding.origin = std::string(origin);
    finding.text = std::move(text);
    finding.action = std::move(action);
    findings_.push_back(std::move(finding));
    return findings_.back();
  }

  void variable(const std::string& path, const Setting& setting,
                const VariableVerdict& verdict) {
    const std::string said =
        base::concat({"sets ", setting.name, "=", base::printable(setting.value)});
    if (verdict.origin.empty()) {
      add("variable", Severity::harmless, path, "", base::concat({said, ", which is honoured"}),
          "");
      return;
    }
    add("variable", severity_of(verdict, setting), path, verdict.origin,
        base::concat({said, ", which is ignored: ", verdict.text}),
        std::string(verdict.action));
  }

  // A program that reqmail runs in the place of its own, if it is there.
  void program_variable(const std::string& path, const Setting& setting) {
    const std::string said =
        base::concat({"sets ", setting.name, "=", base::printable(setting.value)});
    if (setting.value.empty() || setting.value.find_first_of("$`") != std::string::npos) {
      add("variable-program", Severity::note, path, "",
          base::concat({said, ": which program that is cannot be told"}), "");
      return;
    }
    const std::string program = setting.value[0] == '/'
                                    ? base::concat({root_, setting.value})
                                    : base::concat({home_, "/", setting.value});
    const auto status = look(program);
    if (status && *status && S_ISREG((*status)->st_mode) &&
        ((*status)->st_mode & (S_IXUSR | S_IXGRP | S_IXOTH)) != 0) {
      add("variable-program", Severity::harmless, path, "",
          base::concat({said, ", which is honoured"}), "");
      return;
    }
    add("variable-program", Severity::loss, path, "",
        base::concat({said, ", and that is no program here: mail will be deferred"}),
        "install it, or take the variable out");
  }

  // Whether AUTH was announced there without TLS (the forms of the patches: qmail-smtpd(8)).
  static bool offers_clear_auth(const Invocation& call, const std::vector<Setting>& settings) {
    const auto mode = last_value(settings, "SMTPAUTH");
    const bool off = mode && (*mode == "-" || *mode == "0");
    constexpr std::size_t kWithHostName = 3;
    const bool on = mode ? !off
                         : call.arguments.size() >= kWithHostName ||
                               positive(last_value(settings, "REQUIRE_AUTH"));
    const auto smtps = last_value(settings, "SMTPS");
    return !call.arguments.empty() && on && !(smtps && !smtps->empty()) &&
           !last_value(settings, "FORCETLS") &&
           !positive(last_value(settings, "ALLOW_INSECURE_AUTH"));
  }

  void announce_clear_auth(const ServiceScript& script, const Invocation& call) {
    ScriptEdit edit =
        with_setting(script.text, script.facts.kind, call.line_begin, Setting{"FORCETLS", "0"});
    Finding& finding = add(
        "clear-auth", Severity::note, script.path, "SMTP AUTH",
        "lets clients log in without TLS, which reqmail refuses unless FORCETLS=0",
        base::concat({edit.old_line.empty() ? "add the line \"" : "make it \"", edit.new_line,
                      "\" (apply does it with --edit-run-scripts), or have all clients use "
                      "TLS"}));
    Conversion conversion;
    conversion.kind = Conversion::Kind::edit_script;
    conversion.path = script.path;
    conversion.content = std::move(edit.content);
    conversion.old_line = std::move(edit.old_line);
    conversion.new_line = std::move(edit.new_line);
    finding.conversions.push_back(std::move(conversion));
  }

  const OldPrograms& programs_;
  std::string home_;
  std::string root_;
  std::vector<Finding> findings_;
};

}  // namespace

std::vector<Finding> check_scripts(const Services& services, const OldPrograms& programs,
                                   const std::string& home, const std::string& root) {
  Checker checker(programs, home, root);
  std::vector<Setting> rules;
  for (const RuleFile& file : services.rules) {
    checker.settings_of(file.path, file.settings, true);
    rules.insert(rules.end(), file.settings.begin(), file.settings.end());
  }
  for (const ServiceScript& script : services.scripts) {
    checker.settings_of(script.path, script.settings, false);
    checker.clear_auth(script, rules);
    checker.memory(script);
  }
  auto findings = checker.take();
  findings.insert(findings.end(), services.findings.begin(), services.findings.end());
  return findings;
}

}  // namespace reqmail::upgrade
