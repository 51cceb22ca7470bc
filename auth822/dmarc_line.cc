#include "auth822/dmarc_line.h"

#include <utility>

#include "base/hex.h"
#include "base/number.h"
#include "base/text.h"

namespace reqmail::auth822 {

namespace {

struct Key {
  std::string_view name;
  std::string DmarcLine::*value;
};

// In the order of a line, between t= and auth=.
constexpr Key kKeys[] = {
    {"ip", &DmarcLine::client},
    {"from", &DmarcLine::author},
    {"policy", &DmarcLine::policy_domain},
    {"p", &DmarcLine::p},
    {"sp", &DmarcLine::sp},
    {"np", &DmarcLine::np},
    {"adkim", &DmarcLine::adkim},
    {"aspf", &DmarcLine::aspf},
    {"testing", &DmarcLine::testing},
    {"disposition", &DmarcLine::disposition},
    {"dkim", &DmarcLine::dkim},
    {"spf", &DmarcLine::spf},
    {"reason", &DmarcLine::reason},
    {"envfrom", &DmarcLine::envelope_from},
    {"rua", &DmarcLine::reports},
};

// Also ':' within the parts of auth, which it separates.
std::string escaped(std::string_view value, bool part = false) {
  std::string text;
  for (const char c : value) {
    if (c > ' ' && c <= '~' && c != '%' && c != ',' && !(part && c == ':')) {
      text.push_back(c);
      continue;
    }
    text += "%" + base::hex({&c, 1}, base::HexLetters::upper);
  }
  return text;
}

std::string unescaped(std::string_view text) {
  std::string value;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const auto byte =
        text[at] == '%' ? base::hex_byte(text, at + 1, base::HexLetters::upper) : std::nullopt;
    value.push_back(byte.value_or(text[at]));
    if (byte) {
      at += 2;
    }
  }
  return value;
}

std::string auth_text(const std::vector<DmarcLineAuth>& auth) {
  std::string text;
  for (const DmarcLineAuth& one : auth) {
    text += base::concat({text.empty() ? "" : ",", one.method, ":", escaped(one.domain, true),
                          one.method == "dkim" ? ":" : "",
                          one.method == "dkim" ? escaped(one.selector, true) : std::string(),
                          ":", one.result});
  }
  return text;
}

std::vector<DmarcLineAuth> parse_auth(std::string_view text) {
  std::vector<DmarcLineAuth> auth;
  for (const std::string_view item : base::split(text, ',')) {
    const auto parts = base::split(item, ':');
    if (parts.size() == 4 && parts[0] == "dkim") {
      auth.push_back({"dkim", unescaped(parts[1]), unescaped(parts[2]), std::string(parts[3])});
    } else if (parts.size() == 3 && parts[0] == "spf") {
      auth.push_back({"spf", unescaped(parts[1]), {}, std::string(parts[2])});
    }
  }
  return auth;
}

bool take(DmarcLine& line, std::string_view name, std::string_view value) {
  if (name == "t") {
    const auto time = base::parse_u64(value);
    line.time = time.value_or(0);
    return time.has_value();
  }
  if (name == "auth") {
    line.auth = parse_auth(value);
    return true;
  }
  for (const Key& key : kKeys) {
    if (key.name == name) {
      line.*key.value = unescaped(value);
    }
  }
  return true;
}

}  // namespace

std::string dmarc_day(base::Time time) {
  constexpr std::size_t kYearDigits = 4;
  constexpr std::size_t kDayDigits = 2;
  const base::CivilTime day = base::civil_time(time);
  return base::decimal_padded(static_cast<std::uint64_t>(day.year), kYearDigits) +
         base::decimal_padded(static_cast<std::uint64_t>(day.month), kDayDigits) +
         base::decimal_padded(static_cast<std::uint64_t>(day.day), kDayDigits);
}

std::string encode_dmarc_line(const DmarcLine& line) {
  std::string text = "t=" + base::decimal(line.time);
  for (const Key& key : kKeys) {
    text += base::concat({" ", key.name, "=", escaped(line.*key.value)});
  }
  return base::concat({text, " auth=", auth_text(line.auth), "\n"});
}

std::optional<DmarcLine> parse_dmarc_line(std::string_view text) {
  if (text.ends_with('\n')) {
    text.remove_suffix(1);
  }
  DmarcLine line;
  for (const std::string_view item : base::split(text, ' ')) {
    const std::size_t equals = item.find('=');
    if (equals == std::string_view::npos ||
        !take(line, item.substr(0, equals), item.substr(equals + 1))) {
      return std::nullopt;
    }
  }
  return line.time > 0 && !line.policy_domain.empty() ? std::optional(std::move(line))
                                                      : std::nullopt;
}

}  // namespace reqmail::auth822
