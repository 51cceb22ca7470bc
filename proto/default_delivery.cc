#include "proto/default_delivery.h"

#include "base/ascii.h"
#include "base/text.h"

namespace reqmail::proto {

namespace {

constexpr std::string_view kBounce = "bounce-no-mailbox";
constexpr std::string_view kVpopmail = "vdelivermail";
constexpr std::string_view kDelete = "delete";

bool contains(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

// Returns the last word of a line without quotes.
std::string_view last_word(std::string_view line) {
  constexpr std::string_view kBlanksAndQuotes = " \t\r'\"";
  const std::size_t end = line.find_last_not_of(kBlanksAndQuotes);
  if (end == std::string_view::npos) {
    return {};
  }
  const std::size_t before = line.substr(0, end + 1).find_last_of(kBlanksAndQuotes);
  return line.substr(before == std::string_view::npos ? 0 : before + 1,
                     end - (before == std::string_view::npos ? 0 : before + 1) + 1);
}

// Returns whether vdelivermail has a destination for unknown addresses: a maildir, an address,
// or nowhere.
bool has_place_for_others(std::string_view word) {
  return word.starts_with('/') || contains(word, "@") || word == kDelete;
}

}  // namespace

DefaultDelivery default_delivery(std::string_view dot_qmail) {
  bool bounces = false;
  for (const std::string_view line : base::lines(dot_qmail)) {
    if (line.starts_with('#')) {
      continue;
    }
    if (const std::size_t at = line.find(kVpopmail); at != std::string_view::npos) {
      const std::string_view word = last_word(line.substr(at + kVpopmail.size()));
      return has_place_for_others(word) ? DefaultDelivery::takes_all
                                        : DefaultDelivery::vpopmail;
    }
    bounces = bounces || contains(line, kBounce);
  }
  return bounces ? DefaultDelivery::bounces : DefaultDelivery::takes_all;
}

}  // namespace reqmail::proto
