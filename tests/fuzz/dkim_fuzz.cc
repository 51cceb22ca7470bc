// Any bytes as a message and as the records of the DNS about it: signatures, ARC sets, keys and
// policies are read without harm, and what is signed is well formed.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "auth822/arc_chain.h"
#include "auth822/arc_sealer.h"
#include "auth822/auth_results.h"
#include "auth822/author.h"
#include "auth822/canonical.h"
#include "auth822/dkim_key.h"
#include "auth822/dkim_signature.h"
#include "auth822/dmarc_check.h"
#include "auth822/message_header.h"
#include "auth822/origin.h"

namespace {

using namespace reqmail::auth822;

void require(bool condition) {
  if (!condition) {
    std::abort();
  }
}

std::string body_of(std::string_view body, Canonical form, std::size_t piece) {
  CanonicalBody canonical(form);
  std::string out;
  for (; !body.empty(); body.remove_prefix(body.size() < piece ? body.size() : piece)) {
    canonical.feed(body.substr(0, piece), out);
  }
  canonical.end(out);
  return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  HeaderCutter cutter;
  const std::string first(cutter.take(text.substr(0, size / 2)));
  const std::string body = first + std::string(cutter.take(text.substr(size / 2)));
  require(cutter.header().size() + body.size() <= size);
  for (const Canonical form : {Canonical::simple, Canonical::relaxed}) {
    require(body_of(body, form, 1) == body_of(body, form, body.size() + 1));
  }
  const MessageHeader header(cutter.header());
  std::size_t bytes = 0;
  for (const RawField& field : header.fields()) {
    bytes += field.raw.size();
  }
  require(bytes == cutter.header().size());
  for (const RawField* const field : header.named("dkim-signature")) {
    const auto parsed = parse_dkim_signature(*field);
    require(parsed.signature.has_value() == parsed.problem.empty());
    if (parsed.signature) {
      require(!signed_header(header, *parsed.signature, *field).ends_with("\r\n"));
      (void)find_dkim_key({body}, *parsed.signature);
    }
  }
  const ArcChain chain = read_arc_chain(header);
  require(chain.sets.size() <= kArcSetsMax);
  if (!chain.sets.empty() && chain.problem.empty()) {
    (void)sealed_text(chain, chain.sets.size());
  }
  const Origin origin = find_origin(header, "mx.example");
  for (const auto* const field : origin.own_results) {
    require(field->name == "authentication-results");
  }
  const RawField results{"authentication-results", "Authentication-Results:" + body};
  if (const auto sealer = ArcSealer::begin(header, results)) {
    require(sealer->instance() >= 1 && sealer->instance() <= kArcSetsMax);
    require(!sealer->seal({}, "ARC-Message-Signature: x\n").text.ends_with("\r\n"));
  }
  for (const AuthResult& one : read_auth_results(body)) {
    require(one.method.find('=') == std::string::npos);
  }
  DmarcRequest request;
  request.author = find_author(header);
  request.dkim = {{"other.example", AuthWord::pass}};
  DmarcCheck check(request);
  for (int answers = 0; !check.result(); ++answers) {
    require(!check.wants().empty() && answers < 40);
    check.answer(DnsQuestion(check.wants().front()), {DnsStatus::found, {}, {}, {body}});
  }
  return 0;
}
