#include "smtpd/files.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "control/files.h"
#include "mail/idna.h"
#include "net/address_versions.h"

namespace reqmail::smtpd {

namespace {

// Longer than any session.
constexpr std::uint64_t kTimeoutMax = 1'000'000;

// Any other value in the file switches the log off.
constexpr std::string_view kLogForm = "qlog";

}  // namespace

Failure smtpd_controls_unreadable() {
  return temporary("unable to read controls (#4.3.0)");
}

base::Seconds session_seconds(std::uint64_t number) {
  return base::Seconds(static_cast<std::int64_t>(std::min(number, kTimeoutMax)));
}

Result<SmtpdFiles> load_smtpd_files() {
  auto files = load_shared_smtpd_files();
  if (files) {
    if (auto opened = open_databases(*files); !opened) {
      return opened.error();
    }
  }
  return files;
}

Result<void> open_databases(SmtpdFiles& files) {
  return files.rcpthosts.open_database() ? Result<void>() : smtpd_controls_unreadable();
}

Result<SmtpdFiles> load_shared_smtpd_files() {
  control::ControlFiles control;
  control.look_for_names();
  SmtpdFiles files;
  files.me = control.me();
  files.greeting = control.required_line("smtpgreeting");
  files.own_host.name = control.line_if_any("localiphost");
  files.own_host.addresses = net::AddressCorrections::parse(
      control.list("moreipme").value_or(std::vector<std::string>()),
      control.list("notipme").value_or(std::vector<std::string>()));
  const auto versions =
      net::AddressVersions::parse(control.line_if_any("ipversions").value_or(std::string()));
  files.own_host.ipv6_literals = versions && versions->has(base::Family::v6);
  files.timeout = std::max(session_seconds(control.number("timeoutsmtpd")), base::Seconds(1));
  files.limits.databytes = control.number("databytes");
  files.limits.max_recipients = control.number("maxrcpt");
  files.denied = DenyFiles::load(control);
  files.recipients = RecipientFiles::load(control);
  files.limits.max_bad_recipients = control.number("brtlimit");
  files.tarpit.count = control.number("tarpitcount");
  files.tarpit.delay = session_seconds(control.number("tarpitdelay"));
  files.null_senders_denied = control.number("rejectnullsenders") > 0;
  files.rcpthosts = control::RcptHosts::load_list(control);
  files.authentication.dkimverify = control.number("dkimverify");
  files.authentication.dmarc = control.line_if_any("dmarc");
  files.authentication.signs = control.may_exist("domainkeys") ||
                               control.may_exist("dkimkeys") ||
                               control.may_exist("dkimdomains") || control.may_exist("arcseal");
  files.sender_checks.mfcheck = control.number("mfcheck");
  files.sender_checks.spfbehavior = control.number("spfbehavior");
  files.milters = control.list("smtpdmilters").value_or(std::vector<std::string>());
  files.policy_services = control.list("smtpdpolicy").value_or(std::vector<std::string>());
  files.extensions.enhanced_status_codes = control.number("enhancedstatuscodes") > 0;
  files.extensions.dsn = control.number("dsn") > 0;
  files.extensions.utf8 = control.utf8();
  files.srs_domain = control.line_if_any("srs_domain").value_or("");
  if (files.extensions.utf8) {
    files.srs_domain = mail::line_in_a_labels(files.srs_domain);
  }
  files.hide_client = control.number("hideclient") > 0;
  files.log = control.line_if_any("smtpdlog") == kLogForm;
  if (control.failure()) {
    return smtpd_controls_unreadable();
  }
  files.others = std::move(control);
  return files;
}

Result<QmtpdFiles> load_qmtpd_files() {
  control::ControlFiles control;
  QmtpdFiles files;
  (void)control.me();
  files.rcpthosts = control::RcptHosts::load(control);
  files.databytes = control.number("databytes");
  if (control.failure()) {
    return smtpd_controls_unreadable();
  }
  return files;
}

}  // namespace reqmail::smtpd
