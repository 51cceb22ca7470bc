#include "remote/domain_policy.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/ascii.h"
#include "base/text.h"

namespace reqmail::remote {

namespace {

struct LevelName {
  std::string_view name;
  TlsLevel level;
};

// The first name of a level is our own.
constexpr std::array kLevelNames = {
    LevelName{"none", TlsLevel::none},       LevelName{"may", TlsLevel::may},
    LevelName{"encrypt", TlsLevel::encrypt}, LevelName{"verify", TlsLevel::verify},
    LevelName{"dane", TlsLevel::dane},       LevelName{"dane-only", TlsLevel::dane_only},
    LevelName{"secure", TlsLevel::verify},
};

std::optional<TlsLevel> parse_level(std::string_view word) {
  for (const LevelName& one : kLevelNames) {
    if (base::equal_ci(one.name, word)) {
      return one.level;
    }
  }
  return std::nullopt;
}

// Takes the next word from the front of a text: what blanks end, or what stands between braces,
// which may have blanks. Empty at the end; nullopt if a brace is not closed.
std::optional<std::string_view> take_word(std::string_view& text) {
  text = base::trim_start(text);
  const bool braced = text.starts_with('{');
  const std::size_t end = braced ? text.find('}') : text.find_first_of(" \t");
  if (braced && end == std::string_view::npos) {
    return std::nullopt;
  }
  std::string_view word = text.substr(0, end);
  text.remove_prefix(std::min(text.size(), word.size() + (braced ? 1 : 0)));
  if (braced) {
    word.remove_prefix(1);
  }
  return base::trim_end(base::trim_start(word));
}

// Splits "NAME=VALUE" with blanks around the sign.
std::pair<std::string_view, std::string_view> name_and_value(std::string_view word) {
  const std::size_t equals = word.find('=');
  if (equals == std::string_view::npos) {
    return {word, {}};
  }
  return {base::trim_end(word.substr(0, equals)), base::trim_start(word.substr(equals + 1))};
}

// Returns false if the value makes no sense. Names that are not known mean nothing here.
bool add_attribute(std::string_view name, std::string_view value, DomainPolicy& policy) {
  if (base::equal_ci(name, "match")) {
    for (const std::string_view one : base::split(value, ':')) {
      if (one.empty()) {
        return false;
      }
      policy.match.push_back(base::lower(one));
    }
  } else if (base::equal_ci(name, "servername")) {
    policy.server_name = base::lower(value);
    return base::is_safe_name(value);
  } else if (base::equal_ci(name, "policy_type")) {
    policy.type = base::lower(value);
  } else if (base::equal_ci(name, "policy_domain")) {
    policy.domain = base::lower(value);
  } else if (base::equal_ci(name, "policy_string")) {
    policy.strings.emplace_back(value);
  } else if (base::equal_ci(name, "mx_host_pattern")) {
    policy.exchangers.emplace_back(value);
  }
  return true;
}

// How well the domain of a line matches: the length of what is equal and, for a whole name, one
// more than any suffix could have; nullopt if it does not match.
std::optional<std::size_t> match(std::string_view pattern, std::string_view domain) {
  if (pattern == "*") {
    return 0;
  }
  if (pattern.starts_with('.')) {
    const bool below = domain.size() > pattern.size() && base::ends_with_ci(domain, pattern);
    return below ? std::optional(pattern.size()) : std::nullopt;
  }
  return base::equal_ci(pattern, domain) ? std::optional(domain.size() + 1) : std::nullopt;
}

}  // namespace

std::string_view level_name(TlsLevel level) {
  const auto* const found =
      std::find_if(kLevelNames.begin(), kLevelNames.end(),
                   [level](const LevelName& one) { return one.level == level; });
  return found->name;
}

Result<DomainPolicy> parse_policy(std::string_view text) {
  DomainPolicy policy;
  const auto word = take_word(text);
  const auto level = parse_level(word.value_or(std::string_view()));
  if (!level) {
    return permanent("unknown level");
  }
  policy.level = *level;
  for (;;) {
    const auto attribute = take_word(text);
    if (!attribute) {
      return permanent("brace without end");
    }
    if (attribute->empty()) {
      return policy;
    }
    const auto [name, value] = name_and_value(*attribute);
    if (!add_attribute(name, value, policy)) {
      return permanent(base::concat({"malformed ", name}));
    }
  }
}

std::optional<Result<DomainPolicy>> PolicyTable::find(std::string_view domain) const {
  std::optional<std::size_t> best;
  std::string_view policy;
  for (const std::string_view line : lines) {
    const std::size_t colon = line.find(':');
    const auto fits = match(line.substr(0, colon), domain);
    if (fits && (!best || *fits >= *best)) {
      best = fits;
      policy = colon == std::string_view::npos ? std::string_view() : line.substr(colon + 1);
    }
  }
  return best ? std::optional(parse_policy(policy)) : std::nullopt;
}

std::vector<base::BadLine> faults_of_tlspolicy(const std::vector<std::string>& lines) {
  std::vector<base::BadLine> bad;
  for (const std::string& line : lines) {
    const std::size_t colon = line.find(':');
    if (colon == std::string::npos || colon == 0) {
      bad.push_back({line, "no domain and colon"});
      continue;
    }
    const auto policy = parse_policy(std::string_view(line).substr(colon + 1));
    if (!policy) {
      bad.push_back({line, policy.error().text});
    }
  }
  return bad;
}

Failure policy_unknown(std::string_view domain) {
  return temporary(
      base::concat({"TLS policy of ", base::printable(domain), " unknown for now. (#4.7.5)"}));
}

}  // namespace reqmail::remote
