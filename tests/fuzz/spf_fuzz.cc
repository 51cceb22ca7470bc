// Any bytes as SPF records and explanations: lines of the input are the answers to the
// questions of a check, one after the other. A check ends, within the limits of RFC 7208.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "auth822/received_spf.h"
#include "auth822/spf_check.h"
#include "base/text.h"

namespace {

using namespace reqmail::auth822;

void require(bool condition) {
  if (!condition) {
    std::abort();
  }
}

// The record of the domain and at most ten more, an explanation, the client's names; each may
// need the addresses of ten hosts.
constexpr std::size_t kQuestionsMax = 200;

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto lines = reqmail::base::lines(text);
  SpfRequest request;
  request.client = *reqmail::base::IpAddress::parse("192.0.2.1");
  request.helo = "helo.example";
  request.sender = "user@d.example";
  request.default_explanation = "not from %{i}";
  SpfCheck check(request);
  std::size_t asked = 0;
  while (!check.result()) {
    require(!check.wants().empty() && asked < kQuestionsMax);
    const DnsQuestion question = check.wants().front();
    DnsFacts facts{DnsStatus::nothing, {}, {}, {}};
    if (asked < lines.size()) {
      const std::string line(lines[asked]);
      facts.status = line == "?" ? DnsStatus::temporary : DnsStatus::found;
      facts.texts = {line};
      facts.names = {line, "host." + line};
      facts.addresses = {request.client};
    }
    ++asked;
    check.answer(question, facts);
  }
  for (const char c : check.result()->explanation) {
    require(c >= ' ' && c <= '~');
  }
  require(received_spf(request, *check.result()).find_first_of("\r\n") == std::string::npos);
  return 0;
}
