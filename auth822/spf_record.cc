#include "auth822/spf_record.h"

#include <algorithm>
#include <array>

#include "auth822/spf_macro.h"
#include "base/ascii.h"
#include "base/number.h"
#include "base/text.h"

namespace reqmail::auth822 {

namespace {

constexpr std::string_view kVersion = "v=spf1";
constexpr std::size_t kBits4 = 32;
constexpr std::size_t kBits6 = 128;

enum class Domain { none, optional, required };

struct MechanismRow {
  std::string_view name;
  SpfMechanism mechanism;
  Domain domain;
  bool prefixes;
};

constexpr std::array kMechanisms = {
    MechanismRow{"all", SpfMechanism::all, Domain::none, false},
    MechanismRow{"include", SpfMechanism::include, Domain::required, false},
    MechanismRow{"a", SpfMechanism::a, Domain::optional, true},
    MechanismRow{"mx", SpfMechanism::mx, Domain::optional, true},
    MechanismRow{"ptr", SpfMechanism::ptr, Domain::optional, false},
    MechanismRow{"exists", SpfMechanism::exists, Domain::required, false},
};

// A prefix length: no sign, no zeros in front, at most `bits`.
std::optional<std::size_t> parse_prefix(std::string_view text, std::size_t bits) {
  const auto number = base::parse_u64(text);
  if (!number || *number > bits || (text.size() > 1 && text.front() == '0')) {
    return std::nullopt;
  }
  return static_cast<std::size_t>(*number);
}

// Takes "/digits" with `slashes` in front off the end of the text. Absent if what stands there
// is no prefix length; the text is left alone if it has none.
bool take_prefix(std::string_view& text, std::string_view slashes, std::size_t bits,
                 std::size_t& prefix) {
  std::size_t digits = text.size();
  while (digits > 0 && base::is_digit(text[digits - 1])) {
    --digits;
  }
  if (digits == text.size() || !text.substr(0, digits).ends_with(slashes)) {
    return true;
  }
  const auto parsed = parse_prefix(text.substr(digits), bits);
  if (!parsed) {
    return false;
  }
  prefix = *parsed;
  text.remove_suffix(text.size() - digits + slashes.size());
  return true;
}

bool take_prefixes(std::string_view& text, SpfDirective& directive) {
  return take_prefix(text, "//", kBits6, directive.prefix6) &&
         take_prefix(text, "/", kBits4, directive.prefix4);
}

// The network of ip4 and ip6: an address and perhaps a prefix length.
bool parse_network(std::string_view text, SpfDirective& directive) {
  const bool v4 = directive.mechanism == SpfMechanism::ip4;
  const std::size_t slash = text.find('/');
  const auto address = base::IpAddress::parse(text.substr(0, slash));
  const bool has_dots_only = text.substr(0, slash).find(':') == std::string_view::npos;
  if (!address || has_dots_only != v4) {
    return false;
  }
  directive.network = *address;
  if (slash == std::string_view::npos) {
    return true;
  }
  const auto prefix = parse_prefix(text.substr(slash + 1), v4 ? kBits4 : kBits6);
  if (!prefix) {
    return false;
  }
  (v4 ? directive.prefix4 : directive.prefix6) = *prefix;
  return true;
}

// What follows the name of a mechanism: ":domain-spec", prefix lengths, or nothing.
bool parse_arguments(std::string_view text, const MechanismRow& row, SpfDirective& directive) {
  if (row.prefixes && !take_prefixes(text, directive)) {
    return false;
  }
  if (text.empty()) {
    return row.domain != Domain::required;
  }
  if (text.front() != ':' || row.domain == Domain::none) {
    return false;
  }
  directive.domain_spec = text.substr(1);
  return is_spf_domain_spec(directive.domain_spec);
}

bool take_qualifier(std::string_view& text, SpfQualifier& qualifier) {
  constexpr std::string_view kSigns = "+-~?";
  constexpr std::array kMeanings = {SpfQualifier::pass, SpfQualifier::fail,
                                    SpfQualifier::softfail, SpfQualifier::neutral};
  if (const std::size_t at = text.empty() ? std::string_view::npos : kSigns.find(text.front());
      at != std::string_view::npos) {
    qualifier = kMeanings[at];
    text.remove_prefix(1);
  }
  return !text.empty();
}

std::optional<SpfDirective> parse_directive(std::string_view text) {
  SpfDirective directive;
  if (!take_qualifier(text, directive.qualifier)) {
    return std::nullopt;
  }
  const std::size_t end = std::min(text.find_first_of(":/"), text.size());
  const std::string_view name = text.substr(0, end);
  const std::string_view arguments = text.substr(end);
  for (const auto& [word, mechanism] :
       {std::pair{"ip4", SpfMechanism::ip4}, std::pair{"ip6", SpfMechanism::ip6}}) {
    if (base::equal_ci(name, word)) {
      directive.mechanism = mechanism;
      const bool sound =
          arguments.starts_with(':') && parse_network(arguments.substr(1), directive);
      return sound ? std::optional(directive) : std::nullopt;
    }
  }
  const auto* const row =
      std::find_if(kMechanisms.begin(), kMechanisms.end(),
                   [name](const MechanismRow& one) { return base::equal_ci(one.name, name); });
  if (row == kMechanisms.end()) {
    return std::nullopt;
  }
  directive.mechanism = row->mechanism;
  return parse_arguments(arguments, *row, directive) ? std::optional(directive) : std::nullopt;
}

// The length of the name in "name=value"; absent if the term is no modifier.
std::optional<std::size_t> modifier_name(std::string_view term) {
  if (term.empty() || !base::is_letter(term.front())) {
    return std::nullopt;
  }
  const auto* const end = std::find_if(term.begin(), term.end(), [](char c) {
    constexpr std::string_view kMarks = "-_.";
    return !base::is_letter(c) && !base::is_digit(c) &&
           kMarks.find(c) == std::string_view::npos;
  });
  if (end == term.end() || *end != '=') {
    return std::nullopt;
  }
  return static_cast<std::size_t>(end - term.begin());
}

bool set_once(std::optional<std::string>& target, std::string_view value) {
  if (target || !is_spf_domain_spec(value)) {
    return false;
  }
  target = value;
  return true;
}

bool parse_modifier(std::string_view name, std::string_view value, SpfRecord& record) {
  if (base::equal_ci(name, "redirect")) {
    return set_once(record.redirect, value);
  }
  if (base::equal_ci(name, "exp")) {
    return set_once(record.explanation, value);
  }
  return is_spf_macro_string(value, SpfMacroPlace::domain_spec);
}

std::optional<SpfRecord> parse_terms(std::string_view text, bool modifiers) {
  SpfRecord record;
  for (const std::string_view term : base::split(text, ' ')) {
    if (term.empty()) {
      continue;
    }
    if (const auto name = modifier_name(term)) {
      if (!modifiers ||
          !parse_modifier(term.substr(0, *name), term.substr(*name + 1), record)) {
        return std::nullopt;
      }
      continue;
    }
    auto directive = parse_directive(term);
    if (!directive) {
      return std::nullopt;
    }
    record.directives.push_back(std::move(*directive));
  }
  return record;
}

}  // namespace

bool is_spf_record(std::string_view text) {
  return base::starts_with_ci(text, kVersion) &&
         (text.size() == kVersion.size() || text[kVersion.size()] == ' ');
}

std::optional<SpfRecord> parse_spf_record(std::string_view text) {
  if (!is_spf_record(text)) {
    return std::nullopt;
  }
  return parse_terms(text.substr(kVersion.size()), true);
}

std::optional<SpfRecord> parse_spf_rules(std::string_view text) {
  return parse_terms(is_spf_record(text) ? text.substr(kVersion.size()) : text, false);
}

}  // namespace reqmail::auth822
