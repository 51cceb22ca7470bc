// Any bytes as the answer of a name server: what is read from it is bounded, and names that it
// holds can be asked for again.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "net/dns_follow.h"
#include "net/dns_message.h"

namespace {

using namespace reqmail::net;

void require(bool condition) {
  if (!condition) {
    std::abort();
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view message(reinterpret_cast<const char*>(data), size);
  const auto answer = parse_dns_answer(message);
  const auto asked = *DnsName::from_text("x.example");
  for (const DnsType type :
       {DnsType::a, DnsType::aaaa, DnsType::mx, DnsType::ptr, DnsType::txt}) {
    DnsFollow follow(asked, type);
    if (follow.take(answer)) {
      require((follow.status() == LookupStatus::found) == !follow.records().empty());
    } else {
      require(!(follow.name() == asked));
    }
    (void)match_dns_reply(message, 0x1234, asked, type);
  }
  if (answer) {
    for (const DnsRecord& record : answer->records) {
      require(record.owner.wire().size() <= kDnsNameMax && record.text.size() <= size);
      if (!record.owner.root()) {
        require(DnsName::from_text(record.owner.text()).has_value());
      }
    }
  }
  return 0;
}
