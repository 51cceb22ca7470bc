#include "survey/variable_check.h"

#include <algorithm>
#include <array>
#include <map>
#include <utility>

#include "base/ascii.h"
#include "base/number.h"
#include "base/text.h"
#include "legacy/shell_words.h"
#include "legacy/variable_verdicts.h"
#include "survey/old_files.h"

namespace reqmail::survey {

namespace {

constexpr std::array<std::string_view, 3> kProgramVariables = {"QMAILLOCAL", "QMAILQUEUE",
                                                               "QMAILREMOTE"};

// One use of a variable: its value and the script or rule that sets it.
struct Use {
  std::string value;
  std::string place;
  bool in_rules = false;
};

using Uses = std::map<std::string, std::vector<Use>>;

void add_uses(Uses& uses, const std::string& place,
              const std::vector<legacy::Setting>& settings, bool in_rules) {
  for (const legacy::Setting& setting : settings) {
    uses[setting.name].push_back({setting.value, place, in_rules});
  }
}

Uses uses_in(const Services& services) {
  Uses uses;
  for (const ServiceScript& script : services.scripts) {
    add_uses(uses, script.path, script.settings, false);
  }
  for (const RuleFile& file : services.rules) {
    add_uses(uses, file.path, file.settings, true);
  }
  return uses;
}

bool is_off(std::string_view value, legacy::OffWhen off) {
  switch (off) {
  case legacy::OffWhen::never:
    return false;
  case legacy::OffWhen::no_lines:
  case legacy::OffWhen::no_plugins:
    return value.empty();
  case legacy::OffWhen::zero:
    break;
  }
  return base::leading_number(value) == std::uint64_t{0};
}

// Returns the severity of the row for a value.
Severity severity_of(const legacy::VariableVerdict& verdict, const std::string& value) {
  if (verdict.name == "CHKUSER_START" && base::equal_ci(value, "NONE")) {
    return Severity::harmless;
  }
  return is_off(value, verdict.off) ? Severity::harmless : verdict.severity;
}

bool is_program(const std::string& value, const std::string& home, const std::string& root) {
  const std::string path =
      value[0] == '/' ? base::concat({root, value}) : base::concat({home, "/", value});
  const auto status = look(path);
  return status && *status && S_ISREG((*status)->st_mode) &&
         ((*status)->st_mode & (S_IXUSR | S_IXGRP | S_IXOTH)) != 0;
}

void add_once(std::vector<std::string>& list, const std::string& item) {
  if (std::find(list.begin(), list.end(), item) == list.end()) {
    list.push_back(item);
  }
}

// Returns "is set to A, B", or "is set" if every value is empty.
std::string set_to(const std::vector<std::string>& values) {
  std::string text;
  for (const std::string& value : values) {
    if (!value.empty()) {
      text += base::concat({text.empty() ? " to " : ", ", base::printable(value)});
    }
  }
  return base::concat({"is set", text});
}

// Returns whether the values are too long to be part of a sentence.
bool is_long(const std::vector<std::string>& values) {
  constexpr std::size_t kShort = 20;
  return set_to(values).size() > kShort;
}

class Checker {
 public:
  Checker(std::string home, std::string root)
      : home_(std::move(home)), root_(std::move(root)) {}

  void look_at(const std::string& name, const std::vector<Use>& uses) {
    const bool program = std::find(kProgramVariables.begin(), kProgramVariables.end(), name) !=
                         kProgramVariables.end();
    const legacy::VariableVerdict* verdict = legacy::verdict_on_variable(name);
    // The uses by severity; values and places are listed once.
    std::map<Severity, std::pair<std::vector<std::string>, std::vector<std::string>>> sorted;
    for (const Use& use : uses) {
      if (verdict == nullptr && !use.in_rules) {
        continue;  // the variable belongs to some other program
      }
      auto& found = sorted[program              ? severity_of_program(use.value)
                           : verdict == nullptr ? Severity::note
                                                : severity_of(*verdict, use.value)];
      add_once(found.first, use.value);
      add_once(found.second, use.place);
    }
    for (auto& [severity, found] : sorted) {
      Finding finding;
      finding.severity = severity;
      finding.subject = name;
      finding.places = std::move(found.second);
      if (program) {
        say_program(finding, found.first);
      } else if (verdict == nullptr) {
        finding.code = "variable-unknown";
        finding.text = "means nothing to reqmail";
      } else {
        say(finding, *verdict, found.first);
      }
      findings_.push_back(std::move(finding));
    }
  }

  std::vector<Finding> take() { return std::move(findings_); }

 private:
  // Returns the severity for a program that reqmail will run instead of its own, if it exists.
  [[nodiscard]] Severity severity_of_program(const std::string& value) const {
    if (value.empty() || legacy::is_computed(value)) {
      return Severity::note;
    }
    return is_program(value, home_, root_) ? Severity::harmless : Severity::loss;
  }

  static void say_program(Finding& finding, const std::vector<std::string>& values) {
    finding.code = "variable-program";
    if (finding.severity == Severity::harmless) {
      finding.text = "is honoured";
    } else if (finding.severity == Severity::loss) {
      finding.text = base::concat(
          {set_to(values), ", and that is no program here: mail will be deferred"});
      finding.action = "install it, or take the variable out";
    } else {
      finding.text = base::concat({set_to(values), ": which program that is cannot be told"});
    }
  }

  static void say(Finding& finding, const legacy::VariableVerdict& verdict,
                  const std::vector<std::string>& values) {
    finding.code = "variable";
    finding.origin = std::string(verdict.origin);
    if (verdict.origin.empty()) {
      finding.text = "is honoured";
    } else if (finding.severity == Severity::harmless &&
               verdict.severity != Severity::harmless) {
      finding.text = "is off";
    } else if (finding.severity == Severity::harmless) {
      finding.text = std::string(verdict.text);
    } else {
      // Paths and options are not worth showing here.
      finding.text = base::concat(
          {verdict.severity == Severity::note && (verdict.name.back() == '*' || is_long(values))
               ? "is set"
               : set_to(values),
           " and ignored: ", verdict.text});
      finding.action = std::string(verdict.action);
    }
  }

  std::string home_;
  std::string root_;
  std::vector<Finding> findings_;
};

template <typename Condition>
bool any_use(const Services& services, std::string_view variable, Condition condition) {
  const Uses uses = uses_in(services);
  const auto found = uses.find(std::string(variable));
  return found != uses.end() &&
         std::any_of(found->second.begin(), found->second.end(), condition);
}

}  // namespace

std::vector<Finding> check_variables(const Services& services, const std::string& home,
                                     const std::string& root) {
  Checker checker(home, root);
  for (const auto& [name, uses] : uses_in(services)) {
    checker.look_at(name, uses);
  }
  return checker.take();
}

bool names_program(const Services& services, std::string_view variable, const std::string& home,
                   const std::string& root) {
  return any_use(services, variable, [&](const Use& use) {
    return !use.value.empty() && is_program(use.value, home, root);
  });
}

bool is_switched_on(const Services& services, std::string_view variable) {
  return any_use(services, variable,
                 [](const Use& use) { return !is_off(use.value, legacy::OffWhen::zero); });
}

std::optional<std::string> last_value(const std::vector<legacy::Setting>& settings,
                                      std::string_view name) {
  std::optional<std::string> value;
  for (const legacy::Setting& setting : settings) {
    if (setting.name == name) {
      value = setting.value;
    }
  }
  return value;
}

bool is_positive(const std::optional<std::string>& value) {
  return value && base::leading_number(*value).value_or(0) > 0;
}

}  // namespace reqmail::survey
