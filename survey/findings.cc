#include "survey/findings.h"

#include <utility>

#include "base/number.h"
#include "base/terminal_text.h"
#include "base/text.h"
#include "survey/about.h"

namespace reqmail::survey {

std::string_view conversion_name(Conversion::Kind kind) {
  switch (kind) {
  case Conversion::Kind::write_file:
    return "write-file";
  case Conversion::Kind::set_access:
    return "set-access";
  case Conversion::Kind::flatten_todo:
    return "flatten-todo";
  case Conversion::Kind::empty_channels:
    return "empty-channels";
  case Conversion::Kind::edit_script:
    break;
  }
  return "edit-script";
}

std::string_view verdict_name(Verdict verdict) {
  switch (verdict) {
  case Verdict::go:
    return "go";
  case Verdict::go_with_notes:
    return "go with notes";
  case Verdict::stop:
    break;
  }
  return "stop";
}

Verdict verdict_of(const std::vector<Finding>& findings, bool accept_loss) {
  Verdict verdict = Verdict::go;
  for (const Finding& finding : findings) {
    if (finding.severity == Severity::stop ||
        (finding.severity == Severity::loss && !accept_loss)) {
      return Verdict::stop;
    }
    if (finding.severity != Severity::harmless) {
      verdict = Verdict::go_with_notes;
    }
  }
  return verdict;
}

int exit_code(Verdict verdict) {
  switch (verdict) {
  case Verdict::go:
    return 0;
  case Verdict::go_with_notes:
    return 1;
  case Verdict::stop:
    break;
  }
  return 2;
}

Finding about(const std::string& subject, std::string code, Severity severity, std::string text,
              std::string action) {
  Finding finding;
  finding.code = std::move(code);
  finding.severity = severity;
  finding.subject = subject;
  finding.text = std::move(text);
  finding.action = std::move(action);
  return finding;
}

std::string visible(std::string_view text) {
  return base::terminal_safe(text, '?');
}

std::string counted(std::uint64_t number, std::string_view thing) {
  return base::concat({base::decimal(number), " ", thing, number == 1 ? "" : "s"});
}

}  // namespace reqmail::survey
