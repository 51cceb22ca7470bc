#include "listen/network_peer.h"

#include <string>
#include <string_view>

#include "base/ascii.h"
#include "base/text.h"
#include "sys/env.h"

namespace reqmail::listen {

namespace {

class TcpEnvironment {
 public:
  TcpEnvironment() : six_(sys::environment_value("PROTO") == "TCP6") {}

  // The variable TCP`name`.
  [[nodiscard]] std::optional<std::string> value(std::string_view name) const {
    if (six_) {
      if (auto found = sys::environment_value(base::concat({"TCP6", name}).c_str())) {
        return found;
      }
    }
    return sys::environment_value(base::concat({"TCP", name}).c_str());
  }

 private:
  bool six_;
};

std::string unmapped(std::string address) {
  constexpr std::string_view kMapped = "::ffff:";
  if (base::starts_with_ci(address, kMapped) && address.find('.') != std::string::npos) {
    address.erase(0, kMapped.size());
  }
  return address;
}

}  // namespace

mail::NetworkPeer network_peer() {
  const TcpEnvironment environment;
  mail::NetworkPeer peer;
  peer.remote_host = environment.value("REMOTEHOST").value_or(peer.remote_host);
  peer.remote_ip = unmapped(environment.value("REMOTEIP").value_or(peer.remote_ip));
  peer.remote_info = environment.value("REMOTEINFO");
  if (auto name = environment.value("LOCALHOST")) {
    peer.local_host = std::move(*name);
  } else {
    peer.local_host = unmapped(environment.value("LOCALIP").value_or(peer.local_host));
  }
  return peer;
}

}  // namespace reqmail::listen
