#include "sign/dkim_filter.h"

#include <utility>

#include "base/ascii.h"
#include "base/text.h"
#include "sign/signing_lists.h"

namespace reqmail::sign {

namespace {

constexpr std::string_view kMethod = "dkim=";

// libdkim's names for the letters are in qmail-dkim(8).
struct Letter {
  std::string_view word;
  // A part of the reason; empty: any.
  std::string_view why;
  char letter;
};

constexpr Letter kLetters[] = {
    {"pass", "", 'A'},
    {"policy", "l= leaves", 'C'},
    {"neutral", "", 'J'},
    {"none", "", 'S'},
    {"temperror", "", 'P'},
    {"fail", "body hash", 'U'},
    {"fail", "expired", 'K'},
    {"fail", "", 'I'},
    {"permerror", "p= is no", 'R'},
    {"permerror", "no key", 'Q'},
    {"permerror", "revoked", 'N'},
    {"permerror", "another type", 'V'},
    {"permerror", "not for sha256", 'V'},
    {"permerror", "subdomains", 'M'},
    {"permerror", "key", 'R'},
    {"permerror", "", 'H'},
};

std::string_view word_of(std::string_view result) {
  return result.substr(0, result.find(' '));
}

// The comment after the word.
std::string_view reason_of(std::string_view result) {
  const std::size_t begin = result.find(" (");
  const std::size_t end = result.find(')');
  return begin == std::string_view::npos || end == std::string_view::npos
             ? std::string_view()
             : result.substr(begin + 2, end - begin - 2);
}

// The result that counts: one that passes, else the first.
std::string_view deciding_result(std::string_view results) {
  std::string_view deciding;
  for (const std::string_view line : base::lines(results)) {
    if (!line.starts_with(kMethod)) {
      continue;
    }
    const std::string_view result = line.substr(kMethod.size());
    if (deciding.empty() || word_of(result) == "pass") {
      deciding = result;
    }
    if (word_of(deciding) == "pass") {
      break;
    }
  }
  return deciding;
}

}  // namespace

Result<SignerSettings> filter_settings(const FilterRequest& request, std::string service) {
  SignerSettings settings;
  settings.service = std::move(service);
  settings.dkim = !request.no_dkim && request.key && !request.key->empty();
  if (!settings.dkim) {
    return settings;
  }
  std::string why;
  const auto options = parse_sign_options(request.options, why);
  if (!options) {
    return permanent(base::concat({"DKIMSIGNOPTIONS: ", why}));
  }
  SigningKey key;
  key.path = *request.key;
  key.selector = base::lower(std::string_view(key.path).substr(key.path.rfind('/') + 1));
  key.options = *options;
  settings.only = std::move(key);
  return settings;
}

char verify_letter(std::string_view result) {
  for (const Letter& one : kLetters) {
    if (word_of(result) == one.word &&
        reason_of(result).find(one.why) != std::string_view::npos) {
      return one.letter;
    }
  }
  return 'G';
}

Result<void> judge_results(std::string_view results, std::string_view refused) {
  const std::string_view result = deciding_result(results);
  if (result.empty()) {
    return temporary("DKIM could not be checked");
  }
  const char letter = verify_letter(result);
  std::string text = base::concat({"DKIM of this message is ", word_of(result)});
  if (const auto why = reason_of(result); !why.empty()) {
    text += base::concat({": ", why});
  }
  if (refused.find(letter) != std::string_view::npos) {
    return permanent(std::move(text));
  }
  if (refused.find(base::to_lower(letter)) != std::string_view::npos) {
    return temporary(std::move(text));
  }
  return {};
}

}  // namespace reqmail::sign
