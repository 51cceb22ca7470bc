#include "auth822/srs.h"

#include <algorithm>

#include "base/ascii.h"
#include "base/base64.h"
#include "base/hmac.h"
#include "base/narrow.h"
#include "base/sha1.h"
#include "base/text.h"
#include "mail/address.h"

namespace reqmail::auth822 {

namespace {

constexpr std::string_view kSrs0 = "SRS0";
constexpr std::string_view kSrs1 = "SRS1";
constexpr std::string_view kSeparators = "=-+";
constexpr char kSign = '=';
constexpr std::string_view kDigits = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
constexpr std::string_view kLowerDigits = "abcdefghijklmnopqrstuvwxyz234567";
constexpr std::uint64_t kDays = kDigits.size() * kDigits.size();
constexpr std::uint64_t kSecondsOfADay = 86400;

std::string hash_of(std::string_view secret, std::string_view signed_text, std::size_t length) {
  const auto digest = base::hmac<base::Sha1>(secret, base::lower(signed_text));
  return base::encode_base64(base::digest_bytes(digest)).substr(0, length);
}

// Any length counts from the minimum on, so that one that was configured before still does.
bool is_genuine(std::string_view hash, std::string_view signed_text,
                const SrsSettings& settings) {
  if (hash.size() < std::min(settings.hash_min, settings.hash_length)) {
    return false;
  }
  return std::ranges::any_of(settings.secrets, [&](const std::string& secret) {
    const std::string expected = hash_of(secret, signed_text, settings.hash_length);
    return hash.size() <= expected.size() &&
           base::equal_ci(hash, std::string_view(expected).substr(0, hash.size()));
  });
}

std::string day_text(std::uint64_t time) {
  const auto day = base::narrow<std::size_t>(time / kSecondsOfADay % kDays);
  return {kDigits[day / kDigits.size()], kDigits[day % kDigits.size()]};
}

// A day of the future is one of the cycle before this one.
bool is_recent(std::string_view day, const SrsSettings& settings, std::uint64_t time) {
  std::uint64_t number = 0;
  for (const char c : base::lower(day)) {
    const std::size_t digit = kLowerDigits.find(c);
    if (digit == std::string_view::npos) {
      return false;
    }
    number = number * kDigits.size() + digit;
  }
  const std::uint64_t today = time / kSecondsOfADay % kDays;
  return day.size() == 2 && (today + kDays - number) % kDays <= settings.max_age;
}

// Takes what is before the next sign off `text`; nullopt if there is none.
std::optional<std::string_view> take_part(std::string_view& text) {
  const std::size_t sign = text.find(kSign);
  if (sign == std::string_view::npos) {
    return std::nullopt;
  }
  const std::string_view part = text.substr(0, sign);
  text.remove_prefix(sign + 1);
  return part;
}

// Returns what is after the tag; with `keep_separator` the separator is part of it.
std::optional<std::string_view> after_tag(std::string_view local, std::string_view tag,
                                          bool keep_separator) {
  if (!base::starts_with_ci(local, tag) || local.size() == tag.size() ||
      kSeparators.find(local[tag.size()]) == std::string_view::npos) {
    return std::nullopt;
  }
  return local.substr(tag.size() + (keep_separator ? 0 : 1));
}

std::string srs1(std::string_view forwarder, std::string_view rest,
                 const SrsSettings& settings) {
  const std::string hash =
      hash_of(settings.secrets.front(), base::concat({forwarder, rest}), settings.hash_length);
  return base::concat(
      {kSrs1, {&settings.separator, 1}, hash, "=", forwarder, "=", rest, "@", settings.domain});
}

SrsSender reverse_srs0(std::string_view text, const SrsSettings& settings, std::uint64_t time) {
  const auto hash = take_part(text);
  const auto day = take_part(text);
  const auto domain = take_part(text);
  if (!hash || !day || !domain || domain->empty() ||
      !is_genuine(*hash, base::concat({*day, *domain, text}), settings)) {
    return {SrsFault::forged, {}};
  }
  if (!is_recent(*day, settings, time)) {
    return {SrsFault::expired, {}};
  }
  return {SrsFault::none, base::concat({text, "@", *domain})};
}

SrsSender reverse_srs1(std::string_view text, const SrsSettings& settings) {
  const auto hash = take_part(text);
  const auto forwarder = take_part(text);
  if (!hash || !forwarder || forwarder->empty() ||
      !is_genuine(*hash, base::concat({*forwarder, text}), settings)) {
    return {SrsFault::forged, {}};
  }
  return {SrsFault::none, base::concat({kSrs0, text, "@", *forwarder})};
}

}  // namespace

bool looks_like_srs(std::string_view address) {
  const std::string_view local = mail::split_address(address).local;
  return after_tag(local, kSrs0, false) || after_tag(local, kSrs1, false);
}

std::optional<std::string> srs_forward(std::string_view sender, const SrsSettings& settings,
                                       std::uint64_t time) {
  const mail::AddressParts parts = mail::split_address(sender);
  if (parts.local.empty() || parts.domain.empty()) {
    return std::nullopt;
  }
  if (auto rest = after_tag(parts.local, kSrs1, false)) {
    // The hash is that of the forwarder before; it is replaced.
    const auto hash = take_part(*rest);
    const auto forwarder = hash ? take_part(*rest) : std::nullopt;
    if (forwarder) {
      return srs1(*forwarder, *rest, settings);
    }
  } else if (const auto token = after_tag(parts.local, kSrs0, true)) {
    return srs1(parts.domain, *token, settings);
  }
  const std::string day = day_text(time);
  const std::string hash =
      hash_of(settings.secrets.front(), base::concat({day, parts.domain, parts.local}),
              settings.hash_length);
  return base::concat({kSrs0,
                       {&settings.separator, 1},
                       hash,
                       "=",
                       day,
                       "=",
                       parts.domain,
                       "=",
                       parts.local,
                       "@",
                       settings.domain});
}

SrsSender srs_reverse(std::string_view address, const SrsSettings& settings,
                      std::uint64_t time) {
  const std::string_view local = mail::split_address(address).local;
  if (const auto token = after_tag(local, kSrs0, false)) {
    return reverse_srs0(*token, settings, time);
  }
  if (const auto token = after_tag(local, kSrs1, false)) {
    return reverse_srs1(*token, settings);
  }
  return {SrsFault::not_srs, {}};
}

}  // namespace reqmail::auth822
