#include "auth822/arc_chain.h"

#include <algorithm>
#include <optional>

#include "auth822/tag_list.h"
#include "base/ascii.h"
#include "base/number.h"
#include "base/text.h"

namespace reqmail::auth822 {

namespace {

constexpr std::string_view kResults = "arc-authentication-results";
constexpr std::string_view kMessage = "arc-message-signature";
constexpr std::string_view kSeal = "arc-seal";

bool is_arc(const RawField& field) {
  return field.name == kResults || field.name == kMessage || field.name == kSeal;
}

std::optional<std::size_t> number_in(std::string_view text) {
  return base::parse_u64(trim_folding_space(text));
}

// i= of a field, which may be no instance. Results are no tag list: i= comes first there.
std::optional<std::size_t> number_of(const RawField& field) {
  if (field.name != kResults) {
    const auto tags = TagList::parse(field.value());
    const auto tag = tags ? tags->get("i") : std::nullopt;
    return tag ? number_in(*tag) : std::nullopt;
  }
  const std::string_view first = field.value().substr(0, field.value().find(';'));
  const std::size_t equals = first.find('=');
  if (equals == std::string_view::npos || trim_folding_space(first.substr(0, equals)) != "i") {
    return std::nullopt;
  }
  return number_in(first.substr(equals + 1));
}

const RawField*& place_of(const RawField& field, ArcSet& set) {
  if (field.name == kResults) {
    return set.results;
  }
  return field.name == kMessage ? set.message : set.seal;
}

// Puts every ARC field where it belongs, so that there are as many sets as the highest instance
// says. Returns the first reason why a field has no place.
std::string collect(const MessageHeader& header, std::vector<ArcSet>& sets) {
  std::string problem;
  const auto has_no_place = [&problem](std::string_view why) {
    if (problem.empty()) {
      problem = why;
    }
  };
  for (const RawField& field : header.fields()) {
    if (!is_arc(field)) {
      continue;
    }
    const auto number = number_of(field);
    const bool counts = number && *number >= 1;
    sets.resize(std::max(sets.size(), counts ? std::min(*number, kArcSetsMax) : 1));
    if (!counts || *number > kArcSetsMax) {
      has_no_place("a field has no instance");
      continue;
    }
    const RawField*& place = place_of(field, sets[*number - 1]);
    if (place != nullptr) {
      has_no_place("an instance has a field twice");
      continue;
    }
    place = &field;
  }
  return problem;
}

std::string read_set(ArcSet& set, bool first) {
  if (set.results == nullptr || set.message == nullptr || set.seal == nullptr) {
    return "an instance lacks a field";
  }
  set.message_signature = parse_arc_message_signature(*set.message);
  set.seal_signature = parse_arc_seal(*set.seal);
  if (!set.message_signature.signature) {
    return base::concat({"message signature: ", set.message_signature.problem});
  }
  if (!set.seal_signature.signature) {
    return base::concat({"seal: ", set.seal_signature.problem});
  }
  set.verdict = base::lower(TagList::parse(set.seal->value())->packed("cv").value_or(""));
  return set.verdict == (first ? "none" : "pass") ? std::string() : "cv= does not fit";
}

}  // namespace

ArcChain read_arc_chain(const MessageHeader& header) {
  ArcChain chain;
  // Not assigned, since GCC 14 warns of the assignment without a reason.
  chain.problem.append(collect(header, chain.sets));
  for (std::size_t at = 0; at < chain.sets.size() && chain.problem.empty(); ++at) {
    chain.problem = read_set(chain.sets[at], at == 0);
  }
  return chain;
}

std::string sealed_text(const ArcChain& chain, std::size_t instance) {
  std::string text;
  for (std::size_t at = 0; at < instance; ++at) {
    const ArcSet& set = chain.sets[at];
    text += canonical_field(*set.results, Canonical::relaxed);
    text += canonical_field(*set.message, Canonical::relaxed);
    const bool own = at + 1 == instance;
    text += canonical_field(own ? without_signature(*set.seal) : *set.seal, Canonical::relaxed);
  }
  constexpr std::size_t kLineEndSize = 2;
  text.resize(text.size() - kLineEndSize);
  return text;
}

}  // namespace reqmail::auth822
