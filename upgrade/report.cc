#include "upgrade/report.h"

#include "base/text.h"

namespace reqmail::upgrade {

std::string report_text(const Request& request, const Inspection& inspection) {
  return base::concat(
      {"verdict: ", verdict_name(verdict_of(inspection.findings, request.accept_loss)), "\n"});
}

std::string report_json(const Request& request, const Inspection& inspection) {
  return base::concat({"{\"verdict\":\"",
                       verdict_name(verdict_of(inspection.findings, request.accept_loss)),
                       "\"}\n"});
}

}  // namespace reqmail::upgrade
