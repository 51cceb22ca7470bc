#include "judge/spf.h"

#include <algorithm>
#include <utility>

#include "judge/dns_pump.h"
#include "net/dns_resolver.h"
#include "net/dns_servers.h"
#include "sys/clock.h"

namespace reqmail::judge {

base::Seconds step_time(std::uint64_t seconds) {
  constexpr std::uint64_t kSecondsMax = 1'000'000;
  return base::Seconds(static_cast<std::int64_t>(std::min(seconds, kSecondsMax)));
}

Result<auth822::SpfResult> check_spf(auth822::SpfRequest request) {
  auto servers = net::system_dns_servers();
  if (!servers) {
    return servers.error();
  }
  net::DnsResolver resolver(std::move(*servers));
  auth822::SpfCheck check(std::move(request));
  pump(check, resolver, sys::monotonic() + kSpfTime);
  return *check.result();
}

}  // namespace reqmail::judge
