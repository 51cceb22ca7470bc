#include "smtpd/files.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "control/files.h"

namespace reqmail::smtpd {

namespace {

// Longer than any session; keeps milliseconds within the range of poll(2)'s argument.
constexpr std::uint64_t kTimeoutMax = 1'000'000;

// Another word than this asks for no log.
constexpr std::string_view kLogForm = "qlog";

}  // namespace

Failure smtpd_controls_unreadable() {
  return temporary("unable to read controls (#4.3.0)");
}

Result<SmtpdFiles> load_smtpd_files() {
  control::ControlFiles control;
  SmtpdFiles files;
  files.me = control.me();
  files.greeting = control.required_line("smtpgreeting");
  files.own_host = control.line_if_any("localiphost");
  const auto seconds =
      std::clamp<std::uint64_t>(control.number("timeoutsmtpd"), 1, kTimeoutMax);
  files.timeout = base::Seconds(static_cast<std::int64_t>(seconds));
  files.databytes = control.number("databytes");
  files.max_recipients = control.number("maxrcpt");
  if (const auto bad_senders = control.list("badmailfrom")) {
    files.bad_senders = base::ConstMap::of_keys(*bad_senders);
  }
  files.rcpthosts = RcptHosts::load(control);
  files.enhanced_status_codes = control.number("enhancedstatuscodes") > 0;
  files.hide_client = control.number("hideclient") > 0;
  files.log = control.line_if_any("smtpdlog") == kLogForm;
  if (control.failure()) {
    return smtpd_controls_unreadable();
  }
  return files;
}

Result<QmtpdFiles> load_qmtpd_files() {
  control::ControlFiles control;
  QmtpdFiles files;
  (void)control.me();
  files.rcpthosts = RcptHosts::load(control);
  files.databytes = control.number("databytes");
  if (control.failure()) {
    return smtpd_controls_unreadable();
  }
  return files;
}

}  // namespace reqmail::smtpd
