#include "survey/script_check.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "base/number.h"
#include "base/text.h"
#include "survey/about.h"
#include "survey/listener_check.h"
#include "survey/old_files.h"
#include "survey/variable_check.h"

namespace reqmail::survey {

namespace {

// qmail-smtpd-tls maps 10 MB before it reads its first byte, and a handshake and a message need
// more.
constexpr std::uint64_t kTlsMemory = 20000000;

void check_memory(std::vector<Finding>& findings, const ServiceScript& script,
                  const std::string& home) {
  const auto& calls = script.facts.invocations;
  const bool server =
      std::any_of(calls.begin(), calls.end(), [](const legacy::Invocation& call) {
        return call.program == "qmail-smtpd" || call.program == "qmail-popup";
      });
  const auto certificate = look(base::concat({home, "/control/servercert.pem"}));
  if (!server || !script.facts.memory_limit || *script.facts.memory_limit >= kTlsMemory ||
      !certificate || !*certificate) {
    return;
  }
  findings.push_back(
      about(script.path, "memory-limit", Severity::note,
            base::concat({"limits memory to ", base::decimal(*script.facts.memory_limit),
                          " bytes, too little for TLS"}),
            base::concat({"allow ", base::decimal(kTlsMemory)})));
}

void append(std::vector<Finding>& all, std::vector<Finding> more) {
  all.insert(all.end(), std::make_move_iterator(more.begin()),
             std::make_move_iterator(more.end()));
}

// Reports a program that replaced qmail-queue by a link, if no script names it in QMAILQUEUE
// and none was found that could be changed.
void check_queue_program(std::vector<Finding>& findings, const Services& services,
                         const OldPrograms& programs) {
  const auto names_it = [](const auto& holder) {
    return last_value(holder.settings, "QMAILQUEUE").has_value();
  };
  if (programs.queue_program.empty() ||
      std::any_of(findings.begin(), findings.end(),
                  [](const Finding& finding) { return finding.code == "queue-program"; }) ||
      std::any_of(services.scripts.begin(), services.scripts.end(), names_it) ||
      std::any_of(services.rules.begin(), services.rules.end(), names_it)) {
    return;
  }
  findings.push_back(
      about(programs.queue_program, "queue-program", Severity::loss,
            "had all mail in the place of qmail-queue, and no run script was found that could "
            "name it in QMAILQUEUE: mail will go past it",
            base::concat({"set QMAILQUEUE=", programs.queue_program,
                          " for everything that takes mail in"})));
}

}  // namespace

std::vector<Finding> check_scripts(const Services& services, const OldPrograms& programs,
                                   const Request& request) {
  auto findings = check_variables(services, request.home, request.root);
  append(findings, check_listeners(services, programs, request));
  for (const ServiceScript& script : services.scripts) {
    check_memory(findings, script, request.home);
  }
  check_queue_program(findings, services, programs);
  append(findings, services.findings);
  return findings;
}

}  // namespace reqmail::survey
