#include "judge/message_answer.h"

#include <algorithm>
#include <utility>

#include "auth822/dmarc_disposition.h"
#include "auth822/dmarc_line.h"
#include "base/ascii.h"
#include "judge/result_text.h"

namespace reqmail::judge {

namespace {

using auth822::AuthWord;
using auth822::DmarcDisposition;
using auth822::DmarcPolicy;

// More signatures are not named.
constexpr std::size_t kNamedMax = 50;

// The word for all signatures: pass if one passes, else that of the first.
AuthWord dkim_word(const MessageResults& results) {
  const bool passes =
      std::any_of(results.dkim.begin(), results.dkim.end(),
                  [](const DkimResult& one) { return one.word == AuthWord::pass; });
  return passes ? AuthWord::pass : results.dkim.front().word;
}

DmarcPolicy policy_of(DmarcMode mode) {
  switch (mode) {
  case DmarcMode::reject:
    return DmarcPolicy::reject;
  case DmarcMode::quarantine:
    return DmarcPolicy::quarantine;
  case DmarcMode::off:
  case DmarcMode::none:
    break;
  }
  return DmarcPolicy::none;
}

bool forwarder_vouches(const MessageRequest& request, const MessageResults& results) {
  const auto& trusted = request.trusted_sealers;
  return results.author.domain && results.arc.word == AuthWord::pass &&
         std::any_of(
             trusted.begin(), trusted.end(),
             [&](const auto& domain) { return base::equal_ci(domain, results.arc.sealer); }) &&
         auth822::vouches_for(results.arc.newest_results, *results.author.domain);
}

// What to do with a message without an author domain. If it does not claim to have one, DMARC
// does not apply to it (RFC 9989 section 5.3.1).
DmarcAdvice advice_of(auth822::Author::Fault fault) {
  switch (fault) {
  case auth822::Author::Fault::not_single:
    return DmarcAdvice::no_author;
  case auth822::Author::Fault::malformed:
    return DmarcAdvice::malformed_author;
  case auth822::Author::Fault::none:
  case auth822::Author::Fault::no_domain:
  case auth822::Author::Fault::not_converted:
    break;
  }
  return DmarcAdvice::accept;
}

DmarcAdvice advice_of(const MessageRequest& request, const MessageResults& results,
                      const DmarcDisposition& disposition) {
  if (results.dmarc.word == AuthWord::temperror) {
    return DmarcAdvice::unknown;
  }
  if (results.dmarc.word == AuthWord::permerror) {
    return request.exempt ? DmarcAdvice::accept : advice_of(results.author.fault);
  }
  switch (disposition.action) {
  case DmarcPolicy::none:
    break;
  case DmarcPolicy::quarantine:
    return DmarcAdvice::quarantine;
  case DmarcPolicy::reject:
    return DmarcAdvice::reject;
  }
  return DmarcAdvice::accept;
}

std::string pass_or_fail(bool passes) {
  return passes ? "pass" : "fail";
}

std::string word_of(const std::optional<DmarcPolicy>& policy) {
  return policy ? std::string(auth822::dmarc_word(*policy)) : std::string();
}

std::string strictness(bool strict) {
  return strict ? "s" : "r";
}

// The word of RFC 9990: "pass" says that a policy other than none was not carried out because
// the message passed.
std::string disposition_word(const auth822::DmarcResult& dmarc, DmarcPolicy action) {
  return dmarc.word == AuthWord::pass && dmarc.policy != DmarcPolicy::none
             ? "pass"
             : std::string(auth822::dmarc_word(action));
}

std::string line_of(const MessageResults& results, const DmarcDisposition& disposition,
                    const MessageOrigin& origin) {
  const auth822::DmarcResult& dmarc = results.dmarc;
  const bool judged = dmarc.word == AuthWord::pass || dmarc.word == AuthWord::fail;
  if (!judged || !dmarc.record || dmarc.record->reports.empty()) {
    return {};
  }
  auth822::DmarcLine line;
  line.time = origin.time;
  line.client = origin.client;
  line.author = results.author.domain.value_or("");
  line.policy_domain = dmarc.policy_domain;
  line.p = auth822::dmarc_word(dmarc.record->policy);
  line.sp = word_of(dmarc.record->subdomains);
  line.np = word_of(dmarc.record->nonexistent);
  line.adkim = strictness(dmarc.record->strict_dkim);
  line.aspf = strictness(dmarc.record->strict_spf);
  line.testing = dmarc.record->testing ? "y" : "n";
  line.disposition = disposition_word(dmarc, disposition.action);
  line.dkim = pass_or_fail(dmarc.dkim_aligned);
  line.spf = pass_or_fail(dmarc.spf_aligned);
  line.reason = auth822::override_word(disposition.reason);
  line.envelope_from = origin.sender_domain;
  line.reports = dmarc.record->reports;
  for (const DkimResult& one : results.dkim) {
    if (!one.domain.empty() && line.auth.size() < kSignaturesMax) {
      line.auth.push_back(
          {"dkim", one.domain, one.labels.selector, std::string(auth822::auth_word(one.word))});
    }
  }
  if (results.spf) {
    line.auth.push_back({"spf",
                         origin.sender_domain,
                         {},
                         std::string(auth822::spf_word(results.spf->published))});
  }
  return encode_dmarc_line(line);
}

}  // namespace

MessageAnswer message_answer(const MessageRequest& request, const MessageResults& results,
                             const MessageOrigin& origin) {
  MessageAnswer answer;
  for (const DkimResult& one : results.dkim) {
    if (answer.results.size() < kNamedMax) {
      answer.results.push_back(dkim_text(one));
    }
  }
  answer.results.push_back(arc_text(results.arc));
  answer.dkim = auth822::auth_word(dkim_word(results));
  answer.arc = auth822::auth_word(results.arc.word);
  answer.advice = DmarcAdvice::accept;
  if (request.dmarc == DmarcMode::off) {
    return answer;
  }
  answer.results.push_back(dmarc_text(results));
  answer.dmarc = auth822::auth_word(results.dmarc.word);
  answer.policy_domain = results.dmarc.policy_domain;
  const auto disposition = dmarc_disposition(
      results.dmarc,
      {policy_of(request.dmarc), request.exempt_authors, request.trusted_sealers},
      {results.author.domain.value_or(""), request.exempt,
       forwarder_vouches(request, results)});
  answer.advice = advice_of(request, results, disposition);
  answer.line = line_of(results, disposition, origin);
  return answer;
}

}  // namespace reqmail::judge
