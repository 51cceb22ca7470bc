#include "proto/smtp_extensions.h"

#include <algorithm>
#include <cstddef>

#include "base/ascii.h"
#include "base/text.h"
#include "proto/sasl_client.h"

namespace reqmail::proto {

namespace {

// The length of a reply code with the sign after it.
constexpr std::size_t kPrefix = 4;

std::string_view take_word(std::string_view& text) {
  text = base::trim_start(text);
  const std::size_t end = std::min(text.find_first_of(" \t"), text.size());
  const std::string_view word = text.substr(0, end);
  text.remove_prefix(end);
  return word;
}

void take_mechanisms(std::string_view names, SmtpExtensions& found) {
  while (!found.login) {
    const std::string_view name = take_word(names);
    if (name.empty()) {
      return;
    }
    found.login = sasl_mechanism(name);
  }
}

}  // namespace

SmtpExtensions parse_extensions(std::string_view reply) {
  constexpr std::string_view kOldAuth = "AUTH=";
  SmtpExtensions found;
  const auto lines = base::lines(reply);
  for (std::size_t i = 1; i < lines.size(); ++i) {
    std::string_view rest = lines[i].substr(std::min(kPrefix, lines[i].size()));
    // This is the form in drafts of RFC 2554, which some servers still use.
    if (base::starts_with_ci(rest, kOldAuth)) {
      take_mechanisms(rest.substr(kOldAuth.size()), found);
      continue;
    }
    const std::string_view keyword = take_word(rest);
    if (base::equal_ci(keyword, "STARTTLS")) {
      found.starttls = true;
    } else if (base::equal_ci(keyword, "SIZE")) {
      found.size = true;
    } else if (base::equal_ci(keyword, "8BITMIME")) {
      found.eight_bit = true;
    } else if (base::equal_ci(keyword, "DSN")) {
      found.dsn = true;
    } else if (base::equal_ci(keyword, "PIPELINING")) {
      found.pipelining = true;
    } else if (base::equal_ci(keyword, "SMTPUTF8")) {
      found.smtputf8 = true;
    } else if (base::equal_ci(keyword, "AUTH")) {
      take_mechanisms(rest, found);
    }
  }
  return found;
}

}  // namespace reqmail::proto
