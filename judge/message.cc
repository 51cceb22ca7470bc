#include "judge/message.h"

#include <utility>

#include "judge/dns_pump.h"
#include "judge/together.h"

namespace reqmail::judge {

using auth822::AuthWord;

namespace {

AuthWord as_auth_word(auth822::SpfWord word) {
  switch (word) {
  case auth822::SpfWord::pass:
    return AuthWord::pass;
  case auth822::SpfWord::temperror:
    return AuthWord::temperror;
  case auth822::SpfWord::none:
  case auth822::SpfWord::neutral:
  case auth822::SpfWord::fail:
  case auth822::SpfWord::softfail:
  case auth822::SpfWord::permerror:
    break;
  }
  return AuthWord::fail;
}

}  // namespace

MessageCheck::MessageCheck(MessageOptions options, std::uint64_t time)
    : options_(std::move(options)), time_(time) {}

void MessageCheck::take(std::string_view piece) {
  const bool in_header = !cutter_.in_body();
  const std::string_view body = cutter_.take(piece);
  if (in_header && cutter_.in_body()) {
    begin_body();
  }
  bodies_.feed(body);
}

void MessageCheck::begin_body() {
  auth822::MessageHeader shown(cutter_.lines());
  author_ = auth822::find_author(shown);
  if (!cutter_.too_long()) {
    header_ = std::move(shown);
  }
  dkim_ = std::make_unique<DkimCheck>(header_, time_, bodies_);
  arc_ = std::make_unique<ArcCheck>(header_, bodies_);
}

auth822::DmarcRequest MessageCheck::dmarc_request(const MessageResults& results) const {
  auth822::DmarcRequest request;
  request.author = author_;
  if (results.spf) {
    request.spf = {spf_domain(*options_.spf), as_auth_word(results.spf->published)};
  }
  for (const DkimResult& one : results.dkim) {
    request.dkim.push_back({one.domain, one.word});
  }
  return request;
}

MessageResults MessageCheck::judge(net::DnsResolver& resolver, std::chrono::milliseconds end) {
  if (!cutter_.in_body()) {
    begin_body();
  }
  bodies_.end();
  MessageResults results;
  results.spf = options_.spf_result;
  Together all;
  all.add(*dkim_);
  all.add(*arc_);
  // The policies of the author are needed in most cases: they are asked for with the rest, and
  // the resolver remembers them.
  std::optional<auth822::DmarcCheck> early;
  if (options_.dmarc) {
    all.add(early.emplace(dmarc_request(results)));
  }
  std::optional<auth822::SpfCheck> spf;
  if (options_.spf && !results.spf) {
    all.add(spf.emplace(*options_.spf));
  }
  pump(all, resolver, end);
  if (spf) {
    results.spf = spf->result();
  }
  results.dkim = dkim_->results();
  if (cutter_.too_long()) {
    results.dkim = {{AuthWord::permerror, "header is too long", {}, {}}};
  }
  results.arc = arc_->result();
  if (options_.dmarc) {
    auth822::DmarcCheck dmarc(dmarc_request(results));
    pump(dmarc, resolver, end);
    results.dmarc = *dmarc.result();
  }
  results.author = author_;
  return results;
}

}  // namespace reqmail::judge
