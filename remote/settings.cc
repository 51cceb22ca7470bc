#include "remote/settings.h"

#include <algorithm>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/wipe.h"
#include "control/files.h"
#include "mail/idna.h"
#include "remote/signing_files.h"
#include "sys/secrets.h"

namespace reqmail::remote {

namespace {

Failure unreadable() {
  return temporary("Unable to read control files. (#4.3.0)");
}

// As many seconds as a timer can count.
base::Seconds seconds(std::uint64_t number) {
  constexpr std::uint64_t kMost = std::numeric_limits<std::int32_t>::max();
  return base::Seconds(static_cast<std::int64_t>(std::min(number, kMost)));
}

bool may_hold_password(const std::vector<std::string>& routes) {
  return std::any_of(routes.begin(), routes.end(), [](const std::string& line) {
    return line.find_first_of("| \t") != std::string::npos;
  });
}

// Gives the hosts and senders A-labels, and leaves no copy of a password behind.
void convert_keys(std::optional<std::vector<std::string>>& routes) {
  if (!routes) {
    return;
  }
  for (std::string& line : *routes) {
    std::string converted = mail::line_in_a_labels(line);
    line.swap(converted);
    base::wipe(converted);
  }
}

std::vector<std::string> lines_of(control::ControlFiles& files, control::ListName name) {
  return files.list(name).value_or(std::vector<std::string>());
}

AddressSettings read_addresses(control::ControlFiles& files) {
  AddressSettings settings;
  settings.utf8 = files.utf8();
  settings.rewrites_own = files.number("srs_alwaysrewrite") > 0;
  settings.rewrites_senders = !files.line_if_any("srs_domain").value_or("").empty();
  settings.sources.domainbindings =
      files.domain_list("domainbindings").value_or(std::vector<std::string>());
  settings.sources.outgoingip = lines_of(files, "outgoingip");
  settings.hello_names.lines = lines_of(files, "helohostbyip");
  settings.own =
      net::AddressCorrections::parse(lines_of(files, "moreipme"), lines_of(files, "notipme"));
  if (const auto versions = files.line_if_any("ipversions")) {
    settings.versions = net::AddressVersions::parse(*versions).value_or(net::AddressVersions());
  }
  return settings;
}

TlsSettings read_tls(control::ControlFiles& files) {
  TlsSettings settings;
  settings.table.lines = files.domain_list("tlspolicy").value_or(std::vector<std::string>());
  settings.dane = files.number("dane") > 0;
  settings.trusts_name_servers = files.number("danetrust") > 0;
  settings.authorities = files.line_if_any("tlscapath").value_or(std::string());
  settings.server = files.line_if_any("tlspolicyserver").value_or(std::string());
  settings.reports = files.line_if_any("tlsrptsocket").value_or(std::string());
  settings.fail_open = files.number("tlspolicyfailopen") > 0;
  return settings;
}

bool read_signs(const control::ControlFiles& files) {
  return wants_signing([&files](std::string_view name) {
    return files.may_exist(name) && is_control_file_there({}, name);
  });
}

DeliverySettings read_delivery(control::ControlFiles& files) {
  return {read_addresses(files), read_tls(files), files.number("foldlines") > 0,
          read_signs(files)};
}

}  // namespace

Result<DeliverySettings> read_delivery_settings() {
  control::ControlFiles files;
  files.look_for_names();
  auto settings = read_delivery(files);
  if (files.failure()) {
    return unreadable();
  }
  return settings;
}

Result<Settings> read_remote_settings() {
  control::ControlFiles files;
  files.look_for_names();
  Settings settings;
  settings.hello = files.required_line("helohost");
  settings.timeout = seconds(files.number("timeoutremote"));
  settings.connect_timeout = seconds(files.number("timeoutconnect"));
  settings.keep = {files.number("connectionmessages"), seconds(files.number("connectionidle"))};
  const base::Seconds session = seconds(files.number("timeoutsession"));
  if (session > base::Seconds(0)) {
    settings.session = std::min(session, kSessionMax);
  }
  settings.delivery = read_delivery(files);
  auto routes = files.list("smtproutes");
  auto sender_routes = files.list("authsenders");
  if (settings.delivery.addresses.utf8) {
    convert_keys(routes);
    convert_keys(sender_routes);
  }
  if (files.failure()) {
    return unreadable();
  }
  if (sender_routes || (routes && may_hold_password(*routes))) {
    sys::hide_memory();
  }
  if (routes) {
    settings.routes = SmtpRoutes(std::move(*routes));
  }
  if (sender_routes) {
    settings.sender_routes = SenderRoutes(std::move(*sender_routes));
  }
  return settings;
}

}  // namespace reqmail::remote
