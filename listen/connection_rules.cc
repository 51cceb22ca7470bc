#include "listen/connection_rules.h"

#include "base/text.h"
#include "sys/cdb.h"

namespace reqmail::listen {

namespace {

constexpr char kDeny = 'D';
constexpr char kVariable = '+';

// Shorter and shorter prefixes that end with the separator.
void add_prefixes(std::vector<std::string>& keys, std::string_view address, char separator) {
  for (std::size_t size = address.size(); size > 0; --size) {
    if (address[size - 1] == separator) {
      keys.emplace_back(address.substr(0, size));
    }
  }
}

// Shorter and shorter suffixes that begin with a dot.
void add_suffixes(std::vector<std::string>& keys, std::string_view host) {
  for (std::size_t dot = host.find('.'); dot != std::string_view::npos;
       dot = host.find('.', dot + 1)) {
    keys.push_back(base::concat({"=", host.substr(dot)}));
  }
}

}  // namespace

std::vector<std::string> rule_keys(const net::PeerNames& peer) {
  const base::IpAddress& address = peer.remote.address;
  const std::string ip = address.text();
  const auto& host = peer.remote_host;
  std::vector<std::string> keys;
  if (peer.remote_info) {
    keys.push_back(base::concat({*peer.remote_info, "@", ip}));
    if (host) {
      keys.push_back(base::concat({*peer.remote_info, "@=", *host}));
    }
  }
  keys.push_back(ip);
  if (host) {
    keys.push_back(base::concat({"=", *host}));
  }
  add_prefixes(keys, ip, address.family() == base::Family::v4 ? '.' : ':');
  if (host) {
    add_suffixes(keys, *host);
    keys.emplace_back("=");
  }
  keys.emplace_back();
  return keys;
}

ConnectionRule parse_connection_rule(std::string_view value) {
  ConnectionRule rule;
  for (std::size_t end = value.find('\0'); end != std::string_view::npos;
       end = value.find('\0')) {
    const std::string_view item = value.substr(0, end);
    value.remove_prefix(end + 1);
    if (item.starts_with(kDeny)) {
      rule.denied = true;
    }
    const std::size_t sign = item.find('=');
    if (item.starts_with(kVariable) && sign != std::string_view::npos) {
      rule.variables.emplace_back(item.substr(1, sign - 1), item.substr(sign + 1));
    }
  }
  return rule;
}

Result<ConnectionRule> find_connection_rule(const std::string& path,
                                            const net::PeerNames& peer) {
  const auto rules = sys::CdbReader::open(path);
  if (!rules) {
    return rules.error();
  }
  for (const std::string& key : rule_keys(peer)) {
    const auto found = rules->find(key);
    if (!found) {
      return found.error();
    }
    if (*found) {
      return parse_connection_rule(**found);
    }
  }
  return ConnectionRule();
}

}  // namespace reqmail::listen
