#include "smtpd/environment.h"

#include <unistd.h>

#include "base/number.h"
#include "listen/network_peer.h"
#include "listen/tls_wish.h"
#include "sys/env.h"

namespace reqmail::smtpd {

ClientEnvironment client_environment() {
  ClientEnvironment client;
  client.peer = listen::network_peer();
  if (const auto limit = sys::environment_value("DATABYTES")) {
    client.databytes = base::leading_number(*limit).value_or(0);
  }
  client.relay_suffix = sys::environment_value("RELAYCLIENT");
  return client;
}

SmtpdEnvironment smtpd_environment() {
  SmtpdEnvironment environment;
  environment.client = client_environment();
  const mail::NetworkPeer& peer = environment.client.peer;
  environment.ends = {sys::environment_value("TCPLOCALIP").value_or(""),
                      sys::environment_value("TCPLOCALPORT").value_or(""),
                      peer.remote_ip,
                      sys::environment_value("TCPREMOTEPORT").value_or(""),
                      peer.remote_host,
                      static_cast<std::uint64_t>(::getpid())};
  environment.login = login_environment();
  const listen::ListenerTlsWish wish = listen::listener_tls_wish();
  environment.tls_required = wish == listen::ListenerTlsWish::required;
  environment.tls_forbidden = listen::tls_is_forbidden();
  return environment;
}

}  // namespace reqmail::smtpd
