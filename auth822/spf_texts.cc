// What an evaluation needs for texts and names: macros, the client's names, explanations.
#include <algorithm>
#include <utility>

#include "auth822/spf_evaluation.h"

namespace reqmail::auth822 {

std::optional<std::vector<std::string>> SpfEvaluation::validated_names() {
  const DnsFacts* const found = facts_.find(RecordType::ptr, request_.client.reverse_name());
  if (found == nullptr) {
    return std::nullopt;
  }
  const std::size_t count = std::min(found->names.size(), kSpfNamesMax);
  std::vector<std::string> names;
  bool all_known = true;
  for (std::size_t at = 0; at < count; ++at) {
    const DnsFacts* const addresses = addresses_of(found->names[at]);
    if (addresses == nullptr) {
      all_known = false;
      continue;
    }
    const auto& list = addresses->addresses;
    if (std::find(list.begin(), list.end(), request_.client) != list.end()) {
      names.push_back(found->names[at]);
    }
  }
  return all_known ? std::optional(std::move(names)) : std::nullopt;
}

std::optional<SpfMacroValues> SpfEvaluation::values_for(std::string_view text,
                                                        const std::string& domain) {
  SpfMacroValues values;
  const std::size_t at = request_.sender.rfind('@');
  if (at != std::string::npos) {
    values.sender_local = request_.sender.substr(0, at);
  }
  if (values.sender_local.empty()) {
    values.sender_local = "postmaster";
  }
  values.sender_domain = domain_;
  values.domain = domain;
  values.helo = request_.helo;
  values.receiver = request_.receiver.empty() ? "unknown" : request_.receiver;
  values.client = request_.client;
  values.time = request_.time;
  if (!asks_for_validated_name(text)) {
    return values;
  }
  const auto names = validated_names();
  if (!names) {
    return std::nullopt;
  }
  // RFC 7208 section 7.3: the domain itself, else a name below it, else any.
  const auto same = [&](const std::string& name) {
    return question(RecordType::a, name) == question(RecordType::a, domain);
  };
  const auto below = [&](const std::string& name) { return is_within(name, domain); };
  auto best = std::find_if(names->begin(), names->end(), same);
  if (best == names->end()) {
    best = std::find_if(names->begin(), names->end(), below);
  }
  if (best == names->end()) {
    best = names->begin();
  }
  if (best != names->end()) {
    values.validated = *best;
  }
  return values;
}

// A domain-spec of a record that was parsed, so that it expands.
std::optional<std::string> SpfEvaluation::expanded_domain(const std::string& spec,
                                                          const std::string& domain) {
  const auto values = values_for(spec, domain);
  return values ? std::optional(expand_spf_domain(spec, *values).value_or("")) : std::nullopt;
}

std::optional<std::string> SpfEvaluation::explanation() {
  if (!explanation_spec_ || local_decided_) {
    return default_explanation();
  }
  const auto name = expanded_domain(*explanation_spec_, explanation_domain_);
  if (!name) {
    return std::nullopt;
  }
  const DnsFacts* const found = facts_.find(RecordType::txt, *name);
  if (found == nullptr) {
    return std::nullopt;
  }
  if (found->texts.size() != 1) {
    return default_explanation();
  }
  const std::string& text = found->texts.front();
  const auto values = values_for(text, explanation_domain_);
  if (!values) {
    return std::nullopt;
  }
  auto expanded = expand_spf_macros(text, SpfMacroPlace::explanation, *values);
  return expanded ? std::move(expanded) : default_explanation();
}

std::optional<std::string> SpfEvaluation::default_explanation() {
  const auto values = values_for(request_.default_explanation, domain_);
  if (!values) {
    return std::nullopt;
  }
  return expand_spf_macros(request_.default_explanation, SpfMacroPlace::explanation, *values)
      .value_or("");
}

}  // namespace reqmail::auth822
