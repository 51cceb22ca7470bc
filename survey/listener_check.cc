#include "survey/listener_check.h"

#include <algorithm>
#include <array>
#include <optional>
#include <string_view>
#include <utility>

#include "base/text.h"
#include "legacy/script_edit.h"
#include "legacy/shell_words.h"
#include "survey/about.h"
#include "survey/old_files.h"
#include "survey/variable_check.h"

namespace reqmail::survey {

namespace {

constexpr std::array<std::string_view, 3> kInjectors = {"qmail-qmqpd", "qmail-qmtpd",
                                                        "qmail-smtpd"};
// The arguments are a host name, a checker, and the program that the checker executes.
constexpr std::size_t kWithHostName = 3;

// Returns whether our qmail-smtpd takes the first argument for the host's name
// (qmail-smtpd(8)); an argument that a shell computes counts as one.
bool has_host_name(const legacy::Invocation& call, const std::string& me) {
  if (call.arguments.size() < kWithHostName ||
      call.arguments[0].find('/') != std::string::npos) {
    return false;
  }
  const std::string& first = call.arguments[0];
  return legacy::is_computed(first) || first.find('.') != std::string::npos || first == me;
}

class Checker {
 public:
  Checker(const OldPrograms& programs, const Request& request)
      : programs_(programs), request_(request) {
    if (const auto text = read_plain(base::concat({request.home, "/control/me"}));
        text && *text) {
      const auto lines = control_lines(**text);
      me_ = lines.empty() ? std::string() : lines[0];
    }
  }

  void look_at(const ServiceScript& script, const std::vector<legacy::Setting>& rules) {
    std::vector<legacy::Setting> all = rules;
    all.insert(all.end(), script.settings.begin(), script.settings.end());
    const std::size_t first = findings_.size();
    wanted_.clear();
    const legacy::Invocation* where = nullptr;
    bool smtpd = false;
    for (const legacy::Invocation& call : script.facts.invocations) {
      smtpd = smtpd || call.program == "qmail-smtpd";
      if (std::find(kInjectors.begin(), kInjectors.end(), call.program) == kInjectors.end() ||
          where != nullptr) {
        continue;
      }
      auth(script, call, all);
      queue_program(script, call, all);
      where = wanted_.empty() ? nullptr : &call;
    }
    if (!smtpd && script.text.find("qmail-smtpd") != std::string::npos &&
        programs_.has(Trait::server_auth) && !programs_.has(Trait::reqmail) &&
        is_about_listening(script)) {
      findings_.push_back(about(
          script.path, "auth-unknown", Severity::note,
          "speaks of qmail-smtpd, but how it runs it cannot be told from the text: whether it "
          "lets clients log in, and without TLS, is not known",
          "set SMTPAUTH and, for logins without TLS, FORCETLS=0 there"));
    }
    if (where != nullptr && findings_.size() > first) {
      offer(script, *where, first);
    }
  }

  std::vector<Finding> take() { return std::move(findings_); }

 private:
  // Returns whether the script starts a listener. Others may only stop, count or watch
  // qmail-smtpd.
  static bool is_about_listening(const ServiceScript& script) {
    return script.text.find("tcpserver") != std::string::npos ||
           script.text.find("sslserver") != std::string::npos ||
           script.text.find("qmail-listen") != std::string::npos;
  }

  // Examines how the arguments of the old program switched AUTH on.
  void auth(const ServiceScript& script, const legacy::Invocation& call,
            const std::vector<legacy::Setting>& settings) {
    if (call.program != "qmail-smtpd" || call.arguments.empty() ||
        !programs_.has(Trait::server_auth) || programs_.has(Trait::reqmail)) {
      return;
    }
    const auto mode = last_value(settings, "SMTPAUTH");
    const bool required = is_positive(last_value(settings, "REQUIRE_AUTH"));
    const bool host_name = has_host_name(call, me_);
    const bool by_arguments = !programs_.has(Trait::auth_by_variable);
    const bool on =
        mode ? *mode != "-" && *mode != "0"
             : required || host_name || by_arguments || call.arguments.size() >= kWithHostName;
    if (!on) {
      return;
    }
    if (!mode && !required && !host_name) {
      wanted_.push_back({"SMTPAUTH", programs_.has(Trait::server_cram) ? "+cram" : ""});
      findings_.push_back(about(
          script.path, "auth-arguments", severity_of_edit(call),
          "lets clients log in because of qmail-smtpd's arguments alone; here SMTPAUTH must be "
          "set",
          ""));
    }
    clear_auth(script, settings);
  }

  // Examines whether AUTH was offered without TLS.
  void clear_auth(const ServiceScript& script, const std::vector<legacy::Setting>& settings) {
    const auto smtps = last_value(settings, "SMTPS");
    if (programs_.has(Trait::forces_tls) || (smtps && !smtps->empty()) ||
        last_value(settings, "FORCETLS") ||
        is_positive(last_value(settings, "ALLOW_INSECURE_AUTH"))) {
      return;
    }
    wanted_.push_back({"FORCETLS", "0"});
    Finding finding =
        about(script.path, "clear-auth", Severity::note,
              "lets clients log in without TLS, which reqmail refuses unless FORCETLS=0", "");
    finding.origin = "SMTP AUTH";
    findings_.push_back(std::move(finding));
  }

  // Reports that a program which replaced qmail-queue by a link must now be named in
  // QMAILQUEUE.
  void queue_program(const ServiceScript& script, const legacy::Invocation& call,
                     const std::vector<legacy::Setting>& settings) {
    if (programs_.queue_program.empty() || last_value(settings, "QMAILQUEUE")) {
      return;
    }
    wanted_.push_back({"QMAILQUEUE", programs_.queue_program});
    findings_.push_back(about(script.path, "queue-program", severity_of_edit(call),
                              base::concat({"sent mail through ", programs_.queue_program,
                                            ", which QMAILQUEUE must name now"}),
                              ""));
  }

  // Without the line something is lost, and with it nothing is. A file that a script sources is
  // not edited.
  [[nodiscard]] Severity severity_of_edit(const legacy::Invocation& call) const {
    return request_.edit_run_scripts && call.here ? Severity::note : Severity::loss;
  }

  // Adds the lines for this script as one conversion.
  void offer(const ServiceScript& script, const legacy::Invocation& call, std::size_t first) {
    const std::string line = legacy::setting_line(script.facts.kind, wanted_);
    if (!call.here) {
      for (std::size_t i = first; i < findings_.size(); ++i) {
        findings_[i].action =
            base::concat({"a file that it sources runs the program: add there \"", line, "\""});
      }
      return;
    }
    legacy::ScriptEdit edit =
        legacy::with_settings(script.text, script.facts.kind, call.line_begin, wanted_);
    for (std::size_t i = first; i < findings_.size(); ++i) {
      findings_[i].action = "add the line for it (below)";
    }
    Conversion conversion;
    conversion.kind = Conversion::Kind::edit_script;
    conversion.path = script.path;
    conversion.content = std::move(edit.content);
    conversion.old_line = std::move(edit.old_line);
    conversion.new_line = std::move(edit.new_line);
    findings_[first].conversions.push_back(std::move(conversion));
  }

  const OldPrograms& programs_;
  const Request& request_;
  std::string me_;
  std::vector<legacy::Setting> wanted_;
  std::vector<Finding> findings_;
};

}  // namespace

std::vector<Finding> check_listeners(const Services& services, const OldPrograms& programs,
                                     const Request& request) {
  std::vector<legacy::Setting> rules;
  for (const RuleFile& file : services.rules) {
    rules.insert(rules.end(), file.settings.begin(), file.settings.end());
  }
  Checker checker(programs, request);
  for (const ServiceScript& script : services.scripts) {
    checker.look_at(script, rules);
  }
  return checker.take();
}

}  // namespace reqmail::survey
