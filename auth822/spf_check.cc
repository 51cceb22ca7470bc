#include "auth822/spf_check.h"

#include <utility>

#include "auth822/spf_evaluation.h"

namespace reqmail::auth822 {

std::string spf_domain(const SpfRequest& request) {
  if (request.sender.empty()) {
    return request.helo;
  }
  const std::size_t at = request.sender.rfind('@');
  return at == std::string::npos ? request.sender : request.sender.substr(at + 1);
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
