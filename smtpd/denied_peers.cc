#include "smtpd/denied_peers.h"

#include <memory>
#include <utility>

#include "base/number.h"
#include "base/text.h"
#include "sys/env.h"
#include "sys/regex.h"

namespace reqmail::smtpd {

namespace {

using proto::DenyList;

class RegexExpression final : public proto::Expression {
 public:
  explicit RegexExpression(sys::Regex regex) : regex_(std::move(regex)) {}

  [[nodiscard]] bool matches(const std::string& text) const override {
    return regex_.matches(text);
  }

 private:
  sys::Regex regex_;
};

void read(std::vector<DenyFiles::Lines>& into, control::ControlFiles& control,
          control::ListName name) {
  if (auto lines = control.domain_list(name)) {
    into.push_back({name.row().name, std::move(*lines)});
  }
}

DenyList make(DenyList::Of what, const std::vector<DenyFiles::Lines>& files,
              proto::CompileExpression compile, std::vector<std::string>& faults) {
  DenyList list(what);
  for (const DenyFiles::Lines& file : files) {
    for (const base::BadLine& bad : list.add(file.lines, compile)) {
      faults.push_back(base::bad_line_message(base::concat({"control/", file.file}), bad));
    }
  }
  return list;
}

}  // namespace

DenyFiles DenyFiles::load(control::ControlFiles& control) {
  DenyFiles files;
  read(files.senders, control, "badmailfrom");
  read(files.senders_norelay, control, "badmailfromnorelay");
  read(files.recipients, control, "badrcptto");
  read(files.recipients, control, "badmailto");
  read(files.recipients_norelay, control, "badrcpttonorelay");
  read(files.recipients_norelay, control, "badmailtonorelay");
  read(files.helo, control, "badhelo");
  read(files.helo_norelay, control, "badhelonorelay");
  files.expressions = control.number("qregex") > 0;
  return files;
}

DenyEnvironment deny_environment() {
  DenyEnvironment environment;
  if (const auto wanted = sys::environment_value("QREGEX")) {
    environment.expressions = base::leading_number(*wanted).value_or(0) > 0;
  }
  environment.lines_are_logged = sys::environment_value("LOGREGEX").has_value();
  environment.senders_off = sys::environment_value("DISABLE_BADMAILFROM").has_value();
  environment.helo_off = sys::environment_value("NOBADHELO").has_value();
  return environment;
}

Result<std::unique_ptr<proto::Expression>> compile_expression(const std::string& expression) {
  auto regex = sys::Regex::compile(expression);
  if (!regex) {
    return regex.error();
  }
  return std::unique_ptr<proto::Expression>(
      std::make_unique<RegexExpression>(std::move(*regex)));
}

proto::DeniedPeers denied_peers(const DenyFiles& files, const DenyEnvironment& environment,
                                std::vector<std::string>& faults) {
  proto::DeniedPeers denied;
  denied.expressions = environment.expressions.value_or(files.expressions);
  denied.lines_are_logged = environment.lines_are_logged;
  const auto compile = denied.expressions ? compile_expression : nullptr;
  if (!environment.senders_off) {
    denied.senders = make(DenyList::Of::addresses, files.senders, compile, faults);
    denied.senders_norelay =
        make(DenyList::Of::addresses, files.senders_norelay, compile, faults);
  }
  denied.recipients = make(DenyList::Of::addresses, files.recipients, compile, faults);
  denied.recipients_norelay =
      make(DenyList::Of::addresses, files.recipients_norelay, compile, faults);
  if (!environment.helo_off) {
    denied.helo = make(DenyList::Of::hosts, files.helo, compile, faults);
    denied.helo_norelay = make(DenyList::Of::hosts, files.helo_norelay, compile, faults);
  }
  return denied;
}

}  // namespace reqmail::smtpd
