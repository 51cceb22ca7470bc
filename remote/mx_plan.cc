#include "remote/mx_plan.h"

#include <algorithm>
#include <random>

#include "base/narrow.h"

namespace reqmail::remote {

MxPlan plan_exchangers(std::vector<net::MailExchanger> exchangers, std::uint64_t seed) {
  MxPlan plan;
  plan.null_mx = exchangers.size() == 1 && exchangers.front().host.root();
  // Next to others a root is no host at all.
  std::erase_if(exchangers, [](const net::MailExchanger& mx) { return mx.host.root(); });
  std::minstd_rand random(base::narrow<std::uint32_t>(seed ^ seed >> 32));
  std::shuffle(exchangers.begin(), exchangers.end(), random);
  std::stable_sort(exchangers.begin(), exchangers.end(),
                   [](const net::MailExchanger& a, const net::MailExchanger& b) {
                     return a.preference < b.preference;
                   });
  for (std::size_t i = 0; i < exchangers.size(); ++i) {
    if (i == 0 || exchangers[i].preference != exchangers[i - 1].preference) {
      plan.groups.emplace_back();
    }
    auto& group = plan.groups.back();
    if (std::find(group.begin(), group.end(), exchangers[i].host) == group.end()) {
      group.push_back(exchangers[i].host);
    }
  }
  return plan;
}

}  // namespace reqmail::remote
