#include "survey/rc_check.h"

#include <algorithm>
#include <array>
#include <optional>
#include <string_view>

#include "base/text.h"
#include "legacy/shell_words.h"
#include "survey/about.h"
#include "survey/process_list.h"
#include "survey/variable_check.h"
#include "sys/env.h"
#include "sys/file.h"

namespace reqmail::survey {

namespace {

constexpr std::string_view kSpawner = "qmail-lspawn";
constexpr std::array<std::string_view, 5> kOthers = {"qmail-clean", "qmail-rspawn",
                                                     "qmail-send", "qmail-todo", "qmailq"};

// The variables that qmail's programs, and those that patches put before them, use.
constexpr std::array<std::string_view, 10> kVariables = {
    "DKQUEUE", "DKREMOTE",   "DKSIGN",     "LD_LIBRARY_PATH", "LD_PRELOAD",
    "PATH",    "QMAILLOCAL", "QMAILQUEUE", "QMAILREMOTE",     "SPAWNFILTER"};

std::string joined(const std::vector<std::string>& words, std::size_t first) {
  std::string text;
  for (std::size_t i = first; i < words.size(); ++i) {
    text += base::concat({text.empty() ? "" : " ", words[i]});
  }
  return text;
}

std::vector<std::string> words_of(pid_t pid) {
  const auto text = sys::read_file(proc_path(pid, "cmdline"), kLargestProcFile);
  std::vector<std::string> words;
  if (text) {
    for (const std::string_view word : base::split(*text, '\0')) {
      words.emplace_back(word);
    }
  }
  // Every word ends in a NUL, even the last one.
  if (!words.empty() && words.back().empty()) {
    words.pop_back();
  }
  return words;
}

// Returns nullopt if the set has no spawner of that name, as with a wrapper.
std::optional<StartedWith> started_with(pid_t send) {
  std::optional<StartedWith> ran;
  std::string logger;
  for (const Process& process : all_processes()) {
    if (process.parent != send) {
      continue;
    }
    const auto words = words_of(process.pid);
    if (process.name == kSpawner) {
      ran = StartedWith{joined(words, 1), ""};
    } else if (std::find(kOthers.begin(), kOthers.end(), process.name) == kOthers.end()) {
      logger = joined(words, 0);
    }
  }
  if (ran) {
    ran->logger = logger;
  }
  return ran;
}

std::string command(const std::string& delivery, const std::string& logger) {
  return base::concat({"qmail-start", delivery.empty() ? "" : " '", delivery,
                       delivery.empty() ? "" : "'", logger.empty() ? "" : " ", logger});
}

// Returns the directories of a PATH without later repetitions, which have no effect.
std::string search_order(std::string_view path) {
  std::vector<std::string_view> seen;
  std::string order;
  for (const std::string_view folder : base::split(path, ':')) {
    if (std::find(seen.begin(), seen.end(), folder) == seen.end()) {
      seen.push_back(folder);
      order += base::concat({seen.size() > 1 ? ":" : "", folder});
    }
  }
  return order;
}

void replace_all(std::string& text, std::string_view what, std::string_view with) {
  for (std::size_t place = text.find(what); place != std::string::npos;
       place = text.find(what, place + with.size())) {
    text.replace(place, what.size(), with);
  }
}

std::string shown(std::string_view name, const std::optional<std::string>& value) {
  return value ? visible(base::concat({name, "=", *value})) : base::concat({"no ", name});
}

Finding of_variable(const std::string& rc, std::string_view name,
                    const std::optional<std::string>& wanted,
                    const std::optional<std::string>& ran) {
  return about(rc, "rc-variable", Severity::stop,
               base::concat({"would start qmail with ", shown(name, wanted),
                             ", and what runs was started with ", shown(name, ran),
                             ": no supervisor is known that would start it again"}),
               "make it say what is to be, or start qmail by it once");
}

}  // namespace

std::vector<Finding> compare_rc_variables(const std::string& rc, const ServiceScript& script,
                                          const VariableReader& ran,
                                          const VariableReader& caller) {
  std::vector<Finding> findings;
  for (const std::string_view name : kVariables) {
    const bool is_path = name == "PATH";
    auto wanted = last_value(script.settings, name);
    auto had = ran(name);
    // apply gives rc the PATH of the running programs.
    const auto given = is_path ? had : caller(name);
    if (!wanted && !script.facts.clears_environment) {
      wanted = given;
    }
    if (wanted && is_path) {
      replace_all(*wanted, "${PATH}", given.value_or(""));
      replace_all(*wanted, "$PATH", given.value_or(""));
      wanted = search_order(*wanted);
    }
    if (had && is_path) {
      had = search_order(*had);
    }
    if (wanted != had && !(wanted && legacy::is_computed(*wanted))) {
      findings.push_back(of_variable(rc, name, wanted, had));
    }
  }
  return findings;
}

std::vector<Finding> compare_rc(const std::string& rc, const ServiceScript& script,
                                const StartedWith& ran) {
  const auto& all = script.facts.invocations;
  const auto start = std::find_if(all.begin(), all.end(), [](const legacy::Invocation& one) {
    return one.program == "qmail-start";
  });
  if (start == all.end()) {
    return {};
  }
  const auto& words = start->arguments;
  const std::string delivery = words.empty() ? "" : words[0];
  const std::string logger = joined(words, 1);
  const bool differ =
      (!legacy::is_computed(delivery) && delivery != ran.delivery) ||
      (!legacy::is_computed(delivery) && !legacy::is_computed(logger) && logger != ran.logger);
  if (!differ) {
    return {};
  }
  return {about(rc, "rc", Severity::stop,
                base::concat({"would start ", visible(command(delivery, logger)),
                              ", and what runs was started as ",
                              visible(command(ran.delivery, ran.logger)),
                              ": no supervisor is known that would start it again"}),
                "make it say what is to run, or start qmail by it once")};
}

std::vector<Finding> check_rc(const std::string& home, const DaemonFacts& facts,
                              const Services& services) {
  if (!facts.qmail_send || facts.send_service.supervisor != Supervisor::none) {
    return {};
  }
  const std::string rc = home + "/rc";
  const auto& all = services.scripts;
  const auto script = std::find_if(all.begin(), all.end(),
                                   [&](const ServiceScript& one) { return one.path == rc; });
  const auto ran = started_with(*facts.qmail_send);
  if (script == all.end() || !ran) {
    return {};
  }
  auto findings = compare_rc(rc, *script, *ran);
  for (Finding& finding : compare_rc_variables(
           rc, *script,
           [&](std::string_view name) { return start_variable(*facts.qmail_send, name); },
           [](std::string_view name) {
             return sys::environment_value(std::string(name).c_str());
           })) {
    findings.push_back(std::move(finding));
  }
  return findings;
}

}  // namespace reqmail::survey
