#include "dnscheck/own_facts.h"

#include <algorithm>
#include <utility>

#include "base/ascii.h"
#include "base/text.h"
#include "control/files.h"
#include "control/own_domains.h"
#include "crypto/key_file.h"
#include "net/address_versions.h"
#include "net/local_addresses.h"
#include "remote/source_addresses.h"
#include "sign/key_choice.h"
#include "sign/key_pair.h"
#include "sign/settings.h"
#include "sys/clock.h"
#include "sys/error.h"

namespace reqmail::dnscheck {

namespace {

Failure unreadable(const control::ControlFailure& failure) {
  return temporary(base::concat({"unable to read control/", failure.name}), failure.error);
}

// The addresses of the interfaces, and the single ones of control/moreipme.
Result<std::vector<base::IpAddress>> own_addresses(control::ControlFiles& files) {
  const auto more = files.list("moreipme").value_or(std::vector<std::string>());
  const auto local = net::LocalAddresses::of_this_host();
  if (!local) {
    return local.error();
  }
  const auto corrections = net::AddressCorrections::parse(
      {}, files.list("notipme").value_or(std::vector<std::string>()));
  std::vector<base::IpAddress> all;
  for (const base::IpAddress& address : local->all()) {
    if (!base::any_contains(corrections.others, address)) {
      all.push_back(address);
    }
  }
  for (const std::string& line : more) {
    if (const auto address = base::IpAddress::parse(line)) {
      all.push_back(*address);
    }
  }
  return all;
}

std::vector<base::IpAddress> sending_addresses(control::ControlFiles& files,
                                               const std::vector<base::IpAddress>& own) {
  std::vector<base::IpAddress> chosen;
  for (const std::string& line :
       files.list("outgoingip").value_or(std::vector<std::string>())) {
    const auto address = base::IpAddress::parse(line);
    if (address && !is_private(*address)) {
      chosen.push_back(*address);
    }
  }
  const auto versions =
      net::AddressVersions::parse(files.line_if_any("ipversions").value_or(""))
          .value_or(net::AddressVersions());
  for (const base::IpAddress& address : own) {
    const bool other_version_chosen =
        std::any_of(chosen.begin(), chosen.end(),
                    [&address](const auto& one) { return one.family() == address.family(); });
    if (versions.has(address.family()) && !is_private(address) && !other_version_chosen) {
      chosen.push_back(address);
    }
  }
  return chosen;
}

Result<std::vector<proto::DnsList>> read_lists(control::ControlFiles& files) {
  std::vector<proto::DnsList> lists;
  for (const std::string& line :
       files.list("dnsblcheck").value_or(std::vector<std::string>())) {
    auto list = proto::parse_dns_list(line);
    if (!list) {
      return permanent(base::concat(
          {"control/dnsblcheck: ", base::printable(line), ": ", list.error().text}));
    }
    lists.push_back(*std::move(list));
  }
  return lists;
}

Result<OwnKey> read_key(const sign::SigningKey& signing) {
  const auto key = crypto::read_private_key(signing.path);
  if (!key) {
    return key.error();
  }
  OwnKey own;
  own.domain = signing.domain;
  own.selector = signing.selector;
  own.rsa = key->kind() == crypto::KeyKind::rsa;
  own.bits = key->bits();
  own.public_bytes = key->public_bytes();
  std::string line =
      sign::zone_line({signing.domain, signing.selector, false}, sign::key_record(*key, false));
  own.zone_line = std::string(base::trim_end(line));
  return own;
}

Result<std::vector<OwnKey>> read_keys(const std::string& domain) {
  const auto settings = sign::read_signer_settings();
  if (!settings) {
    return settings.error();
  }
  const auto chosen = sign::choose_keys(settings->lists, domain);
  if (!chosen) {
    return chosen.error();
  }
  std::vector<OwnKey> keys;
  for (const sign::SigningKey& signing : *chosen) {
    auto key = read_key(signing);
    if (!key) {
      return key.error();
    }
    keys.push_back(*std::move(key));
  }
  return keys;
}

}  // namespace

Result<Host> read_host(const std::vector<base::IpAddress>& addresses) {
  control::ControlFiles files;
  Host host;
  host.name = files.me().value_or("");
  const std::string hello = files.line_if_any("helohost").value_or(host.name);
  const remote::HelloNames names{
      files.list("helohostbyip").value_or(std::vector<std::string>())};
  auto own = own_addresses(files);
  if (!own) {
    return own.error();
  }
  host.own = *std::move(own);
  auto lists = read_lists(files);
  if (!lists) {
    return lists.error();
  }
  host.lists = *std::move(lists);
  const auto sending = addresses.empty() ? sending_addresses(files, host.own) : addresses;
  for (const base::IpAddress& address : sending) {
    host.addresses.push_back({address, base::lower(names.find(address).value_or(hello))});
    // What was named leads here too, though an interface may not have it.
    host.own.push_back(address);
  }
  host.certificates = read_server_certificates(sys::now());
  if (files.failure()) {
    return unreadable(*files.failure());
  }
  return host;
}

Result<std::string> default_domain() {
  control::ControlFiles files;
  std::string domain = base::lower(files.line("defaulthost"));
  if (files.failure()) {
    return unreadable(*files.failure());
  }
  return domain;
}

Result<Subject> read_subject(std::string domain, const Host& host) {
  control::ControlFiles files;
  Subject subject;
  subject.domain = std::move(domain);
  subject.host = host;
  const auto receives = control::is_own_address(files, base::concat({"@", subject.domain}));
  if (!receives) {
    return receives.error();
  }
  subject.receives = *receives;
  auto keys = read_keys(subject.domain);
  if (keys) {
    subject.keys = *std::move(keys);
  } else {
    subject.key_trouble = keys.error().text;
  }
  return subject;
}

}  // namespace reqmail::dnscheck
