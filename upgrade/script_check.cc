#include "upgrade/script_check.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "base/number.h"
#include "base/text.h"
#include "upgrade/about.h"
#include "upgrade/listener_check.h"
#include "upgrade/old_files.h"
#include "upgrade/variable_check.h"

namespace reqmail::upgrade {

namespace {

// qmail-smtpd-tls maps 10 MB before it reads its first byte; a handshake and a message want
// room.
constexpr std::uint64_t kTlsMemory = 20000000;

void check_memory(std::vector<Finding>& findings, const ServiceScript& script,
                  const std::string& home) {
  const auto& calls = script.facts.invocations;
  const bool server = std::any_of(calls.begin(), calls.end(), [](const Invocation& call) {
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

}  // namespace

std::vector<Finding> check_scripts(const Services& services, const OldPrograms& programs,
                                   const Request& request) {
  auto findings = check_variables(services, request.home, request.root);
  append(findings, check_listeners(services, programs, request));
  for (const ServiceScript& script : services.scripts) {
    check_memory(findings, script, request.home);
  }
  append(findings, services.findings);
  return findings;
}

}  // namespace reqmail::upgrade
