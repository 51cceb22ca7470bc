#include "survey/routes_check.h"

#include <algorithm>
#include <set>

#include "base/number.h"
#include "base/text.h"
#include "legacy/routes.h"
#include "survey/old_files.h"
#include "sys/file.h"

namespace reqmail::survey {

namespace {

constexpr std::string_view kTlsPort = "465";
constexpr mode_t kMarkMode = 0644;

// Returns a line without what may be a password.
std::string shown(const legacy::Route& route) {
  return base::concat({base::printable(route.domain), ":", base::printable(route.relay),
                       route.port.empty() ? "" : ":", base::printable(route.port)});
}

std::string shown_all(const std::vector<const legacy::Route*>& routes) {
  std::string text;
  for (const legacy::Route* route : routes) {
    text += base::concat({text.empty() ? "" : ", ", shown(*route)});
  }
  return text;
}

std::vector<const legacy::Route*> of_form(const std::vector<legacy::Route>& routes,
                                          std::initializer_list<legacy::RouteForm> forms) {
  std::vector<const legacy::Route*> found;
  for (const legacy::Route& route : routes) {
    if (std::find(forms.begin(), forms.end(), route.form) != forms.end()) {
      found.push_back(&route);
    }
  }
  return found;
}

void add_conversion(std::vector<Finding>& findings, const std::string& path,
                    const legacy::RoutesText& routes) {
  if (!routes.changed) {
    return;
  }
  Finding finding;
  finding.code = "routes-dialect";
  finding.severity = Severity::note;
  finding.subject = path;
  finding.origin = of_form(routes.routes, {legacy::RouteForm::blanks}).empty()
                       ? "s/qmail"
                       : "QMailToaster, qmail-ldap";
  finding.text =
      base::concat({"has lines of another form (",
                    shown_all(of_form(routes.routes, {legacy::RouteForm::blanks,
                                                      legacy::RouteForm::semicolon})),
                    ")"});
  finding.action = "apply writes them as domain:relay:port|user|password";
  Conversion conversion;
  conversion.kind = Conversion::Kind::write_file;
  conversion.path = path;
  conversion.content = routes.text;
  finding.conversions.push_back(std::move(conversion));
  findings.push_back(std::move(finding));
}

void add_lost(std::vector<Finding>& findings, const std::string& path,
              const legacy::RoutesText& routes) {
  const auto lost =
      of_form(routes.routes, {legacy::RouteForm::null_sender, legacy::RouteForm::flags});
  if (lost.empty()) {
    return;
  }
  Finding finding;
  finding.code = "routes-dialect";
  finding.severity = Severity::loss;
  finding.subject = path;
  finding.origin =
      of_form(routes.routes, {legacy::RouteForm::flags}).empty() ? "s/qmail" : "indimail";
  finding.text = base::concat({"has routes that reqmail cannot take (", shown_all(lost),
                               "): mail will not go that way"});
  finding.action = "write them as domain:relay:port|user|password";
  findings.push_back(std::move(finding));
}

// Returns the finding on a relay to which the old qmail-remote sends user and password without
// TLS.
Finding clear_relay(const legacy::Route& route, const std::string& file_name) {
  Finding finding;
  finding.code = "clear-smarthost";
  finding.origin = "SMTP AUTH for qmail-remote";
  finding.severity = file_name.empty() ? Severity::loss : Severity::note;
  finding.text = base::concat(
      {"the relay ", base::printable(route.relay),
       " gets user and password, which the old qmail-remote could only send in clear; reqmail "
       "sends them in TLS alone",
       file_name.empty() ? ", and no file in control/notlshosts can be named after an address"
                         : " unless control/notlshosts names the relay"});
  finding.action = file_name.empty()
                       ? std::string("write the relay's name in place of its address")
                       : base::concat({"if the relay has no STARTTLS, make an empty file ",
                                       "control/notlshosts/", file_name});
  return finding;
}

Conversion empty_mark(const std::string& path) {
  Conversion conversion;
  conversion.kind = Conversion::Kind::write_file;
  conversion.path = path;
  conversion.owner = "root";
  conversion.group = "qmail";
  conversion.mode = kMarkMode;
  return conversion;
}

// Adds findings on relays that got user and password in clear: reqmail does that only if
// control/notlshosts names them.
void add_clear_relays(std::vector<Finding>& findings, const std::string& path,
                      const legacy::RoutesText& routes, const OldPrograms& programs) {
  if (programs.has(Trait::client_tls) || programs.has(Trait::reqmail)) {
    return;
  }
  const std::string directory = base::concat({sys::directory_of(path), "/notlshosts"});
  std::set<std::string> done;
  for (const legacy::Route& route : routes.routes) {
    if (!route.credentials || route.form == legacy::RouteForm::flags ||
        legacy::is_loopback(route.relay) || route.port == kTlsPort ||
        !done.insert(route.relay).second) {
      continue;
    }
    const std::string name = legacy::relay_file_name(route.relay);
    const std::string mark = base::concat({directory, "/", name});
    const auto there = name.empty() ? std::nullopt : look(mark).value_or(std::nullopt);
    if (there) {
      continue;
    }
    Finding finding = clear_relay(route, name);
    finding.subject = path;
    if (!name.empty() && programs.has(Trait::client_auth)) {
      finding.action =
          base::concat({"apply makes ", mark, "; remove it when the relay offers STARTTLS"});
      finding.conversions.push_back(empty_mark(mark));
    }
    findings.push_back(std::move(finding));
  }
}

}  // namespace

void add_route_findings(std::vector<Finding>& findings, const std::string& path,
                        std::string_view content, const OldPrograms& programs) {
  const legacy::RoutesText routes = legacy::convert_routes(content);
  add_conversion(findings, path, routes);
  add_lost(findings, path, routes);
  add_clear_relays(findings, path, routes, programs);
}

}  // namespace reqmail::survey
