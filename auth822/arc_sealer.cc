#include "auth822/arc_sealer.h"

#include <utility>

#include "auth822/auth_results.h"
#include "auth822/tag_list.h"
#include "base/ascii.h"
#include "base/number.h"
#include "base/text.h"

namespace reqmail::auth822 {

namespace {

constexpr std::string_view kFailed = "fail";

// The result of ARC among those of a field; empty if there is none.
std::string arc_result(std::string_view value) {
  for (AuthResult& one : read_auth_results(value)) {
    if (one.method == "arc") {
      return std::move(one.result);
    }
  }
  return {};
}

// Whether the newest seal says that the chain is broken: it has ended then.
bool has_ended(const ArcChain& chain) {
  const RawField* const seal = chain.sets.empty() ? nullptr : chain.sets.back().seal;
  const auto tags = seal == nullptr ? std::nullopt : TagList::parse(seal->value());
  return tags && base::lower(tags->packed("cv").value_or("")) == kFailed;
}

// cv= of the new seal; empty if there is to be none.
std::string_view verdict_for(const ArcChain& chain, std::string_view result) {
  if (chain.sets.empty()) {
    return result == "none" || result.empty() ? "none" : "";
  }
  if (chain.sets.size() >= kArcSetsMax || has_ended(chain)) {
    return {};
  }
  if (result == "pass" && chain.problem.empty()) {
    return "pass";
  }
  return result == kFailed ? kFailed : std::string_view();
}

}  // namespace

std::optional<ArcSealer> ArcSealer::begin(const MessageHeader& header,
                                          const RawField& own_results) {
  ArcChain chain = read_arc_chain(header);
  const std::string_view verdict = verdict_for(chain, arc_result(own_results.value()));
  return verdict.empty() ? std::nullopt
                         : std::optional(ArcSealer(std::move(chain), verdict, own_results));
}

ArcSealer::ArcSealer(ArcChain chain, std::string_view verdict, const RawField& own_results)
    : chain_(std::move(chain)), verdict_(verdict), instance_(chain_.sets.size() + 1) {
  results_.name = "arc-authentication-results";
  results_.raw = base::concat(
      {"ARC-Authentication-Results: i=", base::decimal(instance_), ";", own_results.value()});
  // A broken chain is not sealed again (RFC 8617 section 5.1.2).
  if (verdict_ == kFailed) {
    chain_.sets.clear();
  }
}

UnsignedSeal ArcSealer::seal(const SignatureRequest& request,
                             std::string_view message_signature) const {
  UnsignedField field("ARC-Seal", {{"i", base::decimal(instance_)},
                                   {"a", std::string(algorithm_name(request.algorithm))},
                                   {"t", base::decimal(request.time)},
                                   {"cv", std::string(verdict_)},
                                   {"d", request.domain},
                                   {"s", request.selector}});
  const RawField message{"arc-message-signature", std::string(message_signature)};
  ArcChain chain = chain_;
  ArcSet& own = chain.sets.emplace_back();
  own.results = &results_;
  own.message = &message;
  own.seal = &field.field();
  std::string text = sealed_text(chain, chain.sets.size());
  return {std::move(field), std::move(text)};
}

}  // namespace reqmail::auth822
