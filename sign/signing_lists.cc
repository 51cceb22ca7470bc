#include "sign/signing_lists.h"

#include <algorithm>
#include <array>
#include <utility>

#include "auth822/dns_facts.h"
#include "base/ascii.h"
#include "base/number.h"
#include "base/text.h"
#include "mail/idna.h"

namespace reqmail::sign {

namespace {

using auth822::Canonical;

constexpr std::string_view kOldKeys = "ssl/domainkeys/";

// A number of seconds from this on is a time, a smaller one is from now on.
constexpr std::uint64_t kFirstTime = 1'000'000'000;

// Returns whether a domain may be part of a path and of d=.
bool is_signing_domain(std::string_view name) {
  return base::is_safe_name(name) && auth822::is_domain(name);
}

std::vector<std::string_view> words_in(std::string_view text) {
  auto words = base::split(text, ' ');
  std::erase(words, std::string_view());
  return words;
}

// The letters of libdkim, whose programs patched qmails have.
bool set_forms(std::string_view letter, SignatureOptions& options) {
  constexpr struct {
    std::string_view letter;
    Canonical header;
    Canonical body;
  } kForms[] = {{"r", Canonical::relaxed, Canonical::relaxed},
                {"s", Canonical::simple, Canonical::simple},
                {"t", Canonical::relaxed, Canonical::simple},
                {"u", Canonical::simple, Canonical::relaxed}};

  for (const auto& form : kForms) {
    if (form.letter == letter) {
      options.header_form = form.header;
      options.body_form = form.body;
      return true;
    }
  }
  return false;
}

bool set_end(std::string_view value, SignatureOptions& options) {
  if (value == "-") {
    return true;
  }
  const auto number = base::parse_u64(value);
  if (!number || *number == 0) {
    return false;
  }
  (*number < kFirstTime ? options.lifetime : options.end) = number;
  return true;
}

// An identity stands in a tag as it is.
bool set_identity(std::string_view value, SignatureOptions& options) {
  const bool plain = std::all_of(value.begin(), value.end(),
                                 [](char c) { return c > ' ' && c <= '~' && c != ';'; });
  if (!plain || value.find('@') == std::string_view::npos) {
    return false;
  }
  options.identity = value;
  return true;
}

bool set_option(char letter, std::string_view value, SignatureOptions& options,
                std::string& why) {
  switch (letter) {
  case 'c':
    return set_forms(value, options);
  case 'i':
    return set_identity(value, options);
  case 'x':
    return set_end(value, options);
  case 'z':
    // The kind of the key decides between RSA and Ed25519.
    if (value != "2" && value != "4") {
      why = "SHA-1 is not secure: -z is 2 or 4";
      return false;
    }
    return true;
  default:
    // -b: which of two standards.
    return letter == 'b';
  }
}

std::string selector_of(std::string_view path) {
  return base::lower(path.substr(path.rfind('/') + 1));
}

// NAME=VALUE parts after the path.
bool take_variables(std::string_view text, SignatureOptions& options, std::string& why) {
  for (const std::string_view part : base::split(text, ',')) {
    const std::size_t equals = part.find('=');
    const std::string_view name = part.substr(0, equals);
    const std::string_view value =
        equals == std::string_view::npos ? std::string_view() : part.substr(equals + 1);
    if (name == "DKIMSIGNOPTIONS") {
      const auto parsed = parse_sign_options(value, why);
      if (!parsed) {
        return false;
      }
      options = *parsed;
    } else if (name == "DKIMIDENTITY" || name == "DKIMEXPIRE") {
      const char letter = name == "DKIMEXPIRE" ? 'x' : 'i';
      if (!set_option(letter, value, options, why)) {
        return false;
      }
    } else if (!name.empty()) {
      why = base::concat({"unknown variable ", base::printable(name)});
      return false;
    }
  }
  return true;
}

// Returns the domain before the first colon in lower case; empty if it is none.
std::string domain_of(std::string_view line) {
  const std::size_t colon = line.find(':');
  const std::string domain = base::lower(base::trim_end(line.substr(0, colon)));
  const bool valid = domain == kOtherDomains || is_signing_domain(domain);
  return colon != std::string_view::npos && valid ? domain : std::string();
}

// Why a line names no domain.
std::string why_no_domain(std::string_view line) {
  const std::string_view name = line.substr(0, line.find(':'));
  return mail::is_ascii(name) ? "no domain" : "a domain with U-labels: keys have its A-labels";
}

SigningEntry& entry_for(const std::string& domain, std::vector<SigningEntry>& entries) {
  const auto found =
      std::find_if(entries.begin(), entries.end(),
                   [&domain](const SigningEntry& entry) { return entry.domain == domain; });
  return found != entries.end() ? *found
                                : entries.emplace_back(SigningEntry{domain, false, {}});
}

// Reads one line into `entries`; returns why that is not possible, or an empty text.
using ReadLine = std::string (*)(std::string_view line, std::vector<SigningEntry>& entries);

std::vector<SigningEntry> read_lines(const std::vector<std::string>& lines,
                                     std::vector<base::BadLine>& bad, ReadLine read) {
  std::vector<SigningEntry> entries;
  for (const std::string& line : lines) {
    if (std::string why = read(line, entries); !why.empty()) {
      bad.push_back({line, std::move(why)});
    }
  }
  return entries;
}

std::string add_key(const std::string& domain, SigningKey key,
                    std::vector<SigningEntry>& entries) {
  if (!is_signing_domain(key.selector)) {
    return "the name of the key file is no selector";
  }
  entry_for(domain, entries).keys.push_back(std::move(key));
  return {};
}

std::string read_key_line(std::string_view line, std::vector<SigningEntry>& entries) {
  const std::string domain = domain_of(line);
  if (domain.empty()) {
    return why_no_domain(line);
  }
  const std::string_view rest = line.substr(line.find(':') + 1);
  const std::size_t colon = rest.find(':');
  SigningKey key;
  key.path = rest.substr(0, colon);
  key.selector = selector_of(key.path);
  std::string why;
  if (colon != std::string_view::npos &&
      !take_variables(rest.substr(colon + 1), key.options, why)) {
    return why.empty() ? "bad value" : why;
  }
  return add_key(domain, std::move(key), entries);
}

// c:z:l, of which each may be missing.
bool take_forms(std::string_view text, SignatureOptions& options, std::string& why) {
  const auto parts = base::split(text, ':');
  if (!parts[0].empty() && !set_forms(parts[0], options)) {
    return false;
  }
  return parts.size() < 2 || parts[1].empty() || set_option('z', parts[1], options, why);
}

// domain:selector[,selector]|d=|i=|expiry|c:z:l
std::string read_old_line(std::string_view line, std::vector<SigningEntry>& entries) {
  if (line.starts_with('!')) {
    line.remove_prefix(1);
    const std::string excluded =
        domain_of(line.find(':') == std::string_view::npos ? base::concat({line, ":"})
                                                           : std::string(line));
    if (excluded.empty()) {
      return why_no_domain(line);
    }
    entry_for(excluded, entries).excluded = true;
    return {};
  }
  const std::string domain = domain_of(line);
  if (domain.empty()) {
    return why_no_domain(line);
  }
  auto parts = base::split(line.substr(line.find(':') + 1), '|');
  constexpr std::size_t kParts = 5;
  parts.resize(std::max(parts.size(), kParts));
  SigningKey key;
  key.domain = base::lower(parts[1]);
  std::string why;
  if ((!key.domain.empty() && !is_signing_domain(key.domain)) ||
      (!parts[2].empty() && !set_identity(parts[2], key.options)) ||
      (!parts[3].empty() && !set_end(parts[3], key.options)) ||
      !take_forms(parts[4], key.options, why)) {
    return why.empty() ? "bad value" : why;
  }
  for (const std::string_view selector : base::split(parts[0], ',')) {
    SigningKey one = key;
    const bool others = domain == kOtherDomains && !key.domain.empty();
    one.path =
        base::concat({kOldKeys, others ? std::string_view(key.domain) : std::string_view("%"),
                      "/", selector});
    one.selector = base::lower(selector);
    if (why = add_key(domain, std::move(one), entries); !why.empty()) {
      return why;
    }
  }
  return {};
}

std::string read_seal_line(std::string_view line, std::vector<SigningEntry>& entries) {
  const std::string domain = domain_of(line);
  if (domain.empty() || domain == kOtherDomains) {
    return why_no_domain(line);
  }
  SigningKey key;
  key.path = line.substr(line.find(':') + 1);
  key.selector = selector_of(key.path);
  key.domain = domain;
  return add_key(domain, std::move(key), entries);
}

}  // namespace

std::optional<SignatureOptions> parse_sign_options(std::string_view text, std::string& why) {
  constexpr std::string_view kWithValue = "bcixz";
  // Time, query method, copied fields, length: the first two are always as they are, the
  // others are never written.
  constexpr std::string_view kWithout = "tqhl";
  SignatureOptions options;
  const auto words = words_in(text);
  for (std::size_t at = 0; at < words.size(); ++at) {
    const std::string_view word = words[at];
    const char letter = word.size() > 1 && word.front() == '-' ? word[1] : '\0';
    if (word.size() == 2 && kWithout.find(letter) != std::string_view::npos) {
      continue;
    }
    const bool known = letter != '\0' && kWithValue.find(letter) != std::string_view::npos;
    const bool attached = word.size() > 2;
    if (!known || (!attached && at + 1 == words.size())) {
      why = base::concat({"unknown option ", base::printable(word)});
      return std::nullopt;
    }
    if (!set_option(letter, attached ? word.substr(2) : words[++at], options, why)) {
      if (why.empty()) {
        why = base::concat({"bad value of ", base::printable(word.substr(0, 2))});
      }
      return std::nullopt;
    }
  }
  return options;
}

std::vector<SigningEntry> read_dkimkeys(const std::vector<std::string>& lines,
                                        std::vector<base::BadLine>& bad) {
  return read_lines(lines, bad, read_key_line);
}

std::vector<SigningEntry> read_dkimdomains(const std::vector<std::string>& lines,
                                           std::vector<base::BadLine>& bad) {
  return read_lines(lines, bad, read_old_line);
}

std::vector<SigningEntry> read_arcseal(const std::vector<std::string>& lines,
                                       std::vector<base::BadLine>& bad) {
  return read_lines(lines, bad, read_seal_line);
}

}  // namespace reqmail::sign
