#include "scheduler/domain_rules.h"

#include <cstdint>
#include <utility>

#include "base/ascii.h"
#include "base/number.h"
#include "base/result.h"
#include "mail/idna.h"

namespace reqmail::scheduler {

namespace {

constexpr std::string_view kAll = "*";

// The times of so many starts are remembered for each domain.
constexpr std::uint64_t kStartsMax = 1'000'000;
constexpr std::uint64_t kSecondsMax = 1'000'000'000;
constexpr std::uint64_t kConcurrencyMax = 1'000'000;

// The value for the domain itself, for the longest suffix, or for all; null if there is none.
template <typename Value>
const Value* value_for(const std::map<std::string, Value, std::less<>>& values,
                       std::string_view domain) {
  if (const auto exact = values.find(domain); exact != values.end()) {
    return &exact->second;
  }
  for (std::size_t dot = domain.find('.'); dot != std::string_view::npos;
       dot = domain.find('.', dot + 1)) {
    if (const auto suffix = values.find(domain.substr(dot)); suffix != values.end()) {
      return &suffix->second;
    }
  }
  const auto all = values.find(kAll);
  return all == values.end() ? nullptr : &all->second;
}

Result<std::size_t> parse_concurrency(std::string_view text) {
  const auto number = base::parse_u64(text);
  if (!number || *number > kConcurrencyMax) {
    return permanent("no number of deliveries");
  }
  return static_cast<std::size_t>(*number);
}

Result<Rate> parse_rate(std::string_view text) {
  const std::size_t slash = text.find('/');
  const auto starts = base::parse_u64(text.substr(0, slash));
  if (!starts || *starts > kStartsMax) {
    return permanent("no number of deliveries");
  }
  if (slash == std::string_view::npos) {
    return permanent("no number of seconds");
  }
  const auto seconds = base::parse_u64(text.substr(slash + 1));
  if (!seconds || *seconds == 0 || *seconds > kSecondsMax) {
    return permanent("no number of seconds");
  }
  return Rate{static_cast<std::size_t>(*starts),
              base::Seconds(static_cast<std::int64_t>(*seconds))};
}

template <typename Value>
std::vector<base::BadLine> set(std::map<std::string, Value, std::less<>>& values,
                               const std::vector<std::string>& lines,
                               Result<Value> (*parse)(std::string_view)) {
  values.clear();
  std::vector<base::BadLine> bad;
  for (const std::string& line : lines) {
    const std::size_t colon = line.rfind(':');
    const std::string_view domain = base::trim_end(std::string_view(line).substr(0, colon));
    if (colon == std::string::npos || domain.empty()) {
      bad.push_back({line, "no domain and number"});
      continue;
    }
    auto value = parse(base::trim_start(std::string_view(line).substr(colon + 1)));
    if (!value) {
      bad.push_back({line, value.error().text});
      continue;
    }
    values.insert_or_assign(base::lower(domain), std::move(*value));
  }
  return bad;
}

}  // namespace

std::vector<base::BadLine> DomainRules::set_concurrency(const std::vector<std::string>& lines) {
  return set(concurrency_, lines, parse_concurrency);
}

std::vector<base::BadLine> DomainRules::set_rates(const std::vector<std::string>& lines) {
  return set(rates_, lines, parse_rate);
}

DomainLimit DomainRules::limit_of(std::string_view domain) const {
  DomainLimit limit;
  std::string converted;
  if (!empty() && !mail::is_ascii(domain)) {
    converted = mail::to_a_labels(domain).value_or(std::string(domain));
    domain = converted;
  }
  if (const std::size_t* number = value_for(concurrency_, domain); number && *number > 0) {
    limit.at_a_time = *number;
  }
  if (const Rate* rate = value_for(rates_, domain); rate && rate->starts > 0) {
    limit.rate = *rate;
  }
  return limit;
}

}  // namespace reqmail::scheduler
