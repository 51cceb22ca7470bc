#include "auth822/report_targets.h"

#include <algorithm>
#include <iterator>
#include <limits>
#include <utility>

#include "auth822/dmarc_record.h"
#include "auth822/dmarc_walk.h"
#include "auth822/tag_list.h"
#include "base/ascii.h"
#include "base/hex.h"
#include "base/number.h"
#include "base/text.h"
#include "mail/address.h"
#include "mail/idna.h"

namespace reqmail::auth822 {

namespace {

constexpr std::string_view kScheme = "mailto:";
constexpr std::string_view kUnits = "kmgt";
constexpr unsigned kBitsOfAUnit = 10;

// RFC 3986 section 2.1.
std::optional<std::string> percent_decoded(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      out.push_back(text[i]);
      continue;
    }
    const auto byte = base::hex_byte(text, i + 1);
    if (!byte) {
      return std::nullopt;
    }
    out.push_back(*byte);
    i += 2;
  }
  return out;
}

// Returns the number of bytes of "10", "50k", "10m"; nullopt if it is no such size.
std::optional<std::uint64_t> parse_size(std::string_view text) {
  unsigned shift = 0;
  if (!text.empty()) {
    const std::size_t unit = kUnits.find(base::to_lower(text.back()));
    if (unit != std::string_view::npos) {
      shift = kBitsOfAUnit * static_cast<unsigned>(unit + 1);
      text.remove_suffix(1);
    }
  }
  const auto number = base::parse_u64(text);
  if (!number || *number > std::numeric_limits<std::uint64_t>::max() >> shift) {
    return std::nullopt;
  }
  return *number << shift;
}

std::optional<ReportTarget> parse_target(std::string_view uri) {
  uri = trim_folding_space(uri);
  if (!base::starts_with_ci(uri, kScheme)) {
    return std::nullopt;
  }
  uri.remove_prefix(kScheme.size());
  ReportTarget target;
  if (const std::size_t mark = uri.find('!'); mark != std::string_view::npos) {
    const auto limit = parse_size(uri.substr(mark + 1));
    if (!limit) {
      return std::nullopt;
    }
    target.limit = *limit;
    uri = uri.substr(0, mark);
  }
  // Header fields of the URI have no meaning here.
  const auto address = percent_decoded(uri.substr(0, uri.find('?')));
  const auto converted = address ? mail::address_in_a_labels(*address) : std::nullopt;
  if (!converted || !mail::is_ascii(*converted) || mail::has_control_character(*converted)) {
    return std::nullopt;
  }
  const mail::AddressParts parts = mail::split_address(*converted);
  // Blanks, brackets and quotes would have a meaning in a header field.
  if (parts.local.empty() || !is_domain(parts.domain) ||
      mail::quote_local_part(parts.local) != parts.local ||
      parts.domain.find_first_of(" <>()\"\\,;:[]") != std::string_view::npos) {
    return std::nullopt;
  }
  target.host = question(RecordType::txt, parts.domain).name;
  target.address = *converted;
  return target;
}

}  // namespace

std::vector<ReportTarget> report_targets(std::string_view uris) {
  std::vector<ReportTarget> targets;
  for (const std::string_view uri : base::split(uris, ',')) {
    auto target = parse_target(uri);
    if (target && targets.size() < kReportTargetsMax &&
        std::ranges::find(targets, *target) == targets.end()) {
      targets.push_back(*std::move(target));
    }
  }
  return targets;
}

ReportTargetCheck::ReportTargetCheck(std::string policy_domain,
                                     std::vector<ReportTarget> targets)
    : domain_(std::move(policy_domain)), asked_(std::move(targets)) {
  evaluate();
}

void ReportTargetCheck::answer(const DnsQuestion& question, DnsFacts facts) {
  if (facts_.answer(question, std::move(facts)) && wants().empty()) {
    evaluate();
  }
}

void ReportTargetCheck::evaluate() {
  facts_.clear_wants();
  Result all;
  bool known = true;
  for (const ReportTarget& target : asked_) {
    auto found = targets_for(target);
    if (!found) {
      known = false;
      continue;
    }
    all.uncertain = all.uncertain || found->uncertain;
    std::ranges::move(found->targets, std::back_inserter(all.targets));
  }
  if (known) {
    facts_.clear_wants();
    result_ = std::move(all);
  }
}

std::optional<ReportTargetCheck::Result> ReportTargetCheck::targets_for(
    const ReportTarget& target) {
  if (is_within(target.host, domain_)) {
    return Result{{target}, false};
  }
  const DmarcWalk ours = walk_from(domain_, facts_);
  const DmarcWalk theirs = walk_from(target.host, facts_);
  const DnsFacts* const consent =
      facts_.find(RecordType::txt, base::concat({domain_, "._report._dmarc.", target.host}));
  if (!ours.known || !theirs.known || consent == nullptr) {
    return std::nullopt;
  }
  if (!ours.failed && !theirs.failed && ours.organization == theirs.organization) {
    return Result{{target}, false};
  }
  if (consent->status == DnsStatus::temporary) {
    return Result{{}, true};
  }
  return by_record(target, *consent);
}

// The record may name other addresses of the same host.
ReportTargetCheck::Result ReportTargetCheck::by_record(const ReportTarget& target,
                                                       const DnsFacts& facts) const {
  Result result;
  for (const std::string& text : facts.texts) {
    if (!is_dmarc_record(text)) {
      continue;
    }
    const auto record = find_dmarc_record({text});
    if (!record || record->reports.empty()) {
      result.targets = {target};
      continue;
    }
    auto others = report_targets(record->reports);
    const bool same_host = std::ranges::all_of(
        others, [&](const ReportTarget& other) { return other.host == target.host; });
    return same_host ? Result{std::move(others), false} : Result{};
  }
  return result;
}

}  // namespace reqmail::auth822
