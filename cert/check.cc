#include "cert/check.h"

#include <string_view>

#include "base/number.h"
#include "base/text.h"

namespace reqmail::cert {

namespace {

std::string_view word(Level level) {
  switch (level) {
  case Level::fine:
    return "ok";
  case Level::note:
    return "note";
  case Level::warning:
    return "warning";
  case Level::wrong:
    break;
  }
  return "wrong";
}

std::string one_line(const FileFinding& finding) {
  std::string text =
      base::concat({word(finding.level), ": ", finding.file, ": ", finding.text, "\n"});
  if (!finding.remedy.empty()) {
    text += base::concat({"  do: ", finding.remedy, "\n"});
  }
  return text;
}

}  // namespace

Verdict check(const CheckOptions& options, bool quiet) {
  Findings findings;
  check_servers(findings, options);
  check_clients(findings, options);
  check_remote(findings, options);
  check_tickets(findings, options);
  Verdict verdict;
  for (const FileFinding& finding : findings.all()) {
    if (!quiet || finding.level >= Level::warning) {
      verdict.text += one_line(finding);
    }
  }
  const std::size_t wrong = findings.count(Level::wrong);
  const std::size_t warnings = findings.count(Level::warning);
  verdict.code = wrong > 0 ? kExitWrong : warnings > 0 ? kExitWarning : 0;
  if (!quiet) {
    verdict.text += verdict.code == 0
                        ? "qmail-cert: all right\n"
                        : base::concat({"qmail-cert: wrong: ", base::decimal(wrong),
                                        ", warnings: ", base::decimal(warnings), "\n"});
  }
  return verdict;
}

}  // namespace reqmail::cert
