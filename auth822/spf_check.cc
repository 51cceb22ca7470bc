#include "auth822/spf_check.h"

#include <utility>

#include "auth822/spf_evaluation.h"
#include "mail/idna.h"

namespace reqmail::auth822 {

std::string spf_domain(const SpfRequest& request) {
  if (request.sender.empty()) {
    return request.helo;
  }
  // Without '@' this is 0.
  const std::string domain = request.sender.substr(request.sender.rfind('@') + 1);
  // RFC 7208 section 4.3.
  return mail::to_a_labels(domain).value_or(domain);
}

SpfCheck::SpfCheck(SpfRequest request) : request_(std::move(request)) {
  evaluate();
}

void SpfCheck::answer(const DnsQuestion& question, DnsFacts facts) {
  if (facts_.answer(question, std::move(facts))) {
    evaluate();
  }
}

void SpfCheck::evaluate() {
  facts_.clear_wants();
  result_ = SpfEvaluation(request_, facts_).run();
  if (result_) {
    facts_.clear_wants();
  }
}

}  // namespace reqmail::auth822
