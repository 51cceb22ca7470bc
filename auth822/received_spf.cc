#include "auth822/received_spf.h"

#include <algorithm>
#include <string_view>

#include "base/ascii.h"
#include "base/text.h"
#include "mail/quoted_string.h"

namespace reqmail::auth822 {

namespace {

// A name as it is, anything else in quotes.
std::string name_or_quoted(std::string_view text) {
  const bool plain = !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    constexpr std::string_view kMarks = "-._[]:";
    return base::is_letter(c) || base::is_digit(c) || kMarks.find(c) != std::string_view::npos;
  });
  return plain ? std::string(text) : mail::quoted_string(text);
}

// A comment may not hold its own brackets.
std::string in_comment(std::string_view text) {
  std::string inside = base::printable(text);
  for (char& c : inside) {
    if (c == '(' || c == ')' || c == '\\') {
      c = '?';
    }
  }
  return inside;
}

std::string meaning(SpfWord word, const std::string& domain, const std::string& client) {
  switch (word) {
  case SpfWord::pass:
    return base::concat({"domain of ", domain, " designates ", client, " as permitted sender"});
  case SpfWord::fail:
    return base::concat(
        {"domain of ", domain, " does not designate ", client, " as permitted sender"});
  case SpfWord::softfail:
    return base::concat({"domain of transitioning ", domain, " does not designate ", client,
                         " as permitted sender"});
  case SpfWord::neutral:
    return base::concat({client, " is neither permitted nor denied by domain of ", domain});
  case SpfWord::none:
    return base::concat({"domain of ", domain, " does not designate permitted sender hosts"});
  case SpfWord::temperror:
    return base::concat({"temporary trouble with the DNS of ", domain});
  case SpfWord::permerror:
    break;
  }
  return base::concat({"domain of ", domain, " has records that cannot be evaluated"});
}

}  // namespace

std::string received_spf(const SpfRequest& request, const SpfResult& result) {
  const std::string client = request.client.text();
  const std::string receiver = request.receiver.empty() ? "unknown" : request.receiver;
  const std::string what =
      result.local_policy ? base::concat({"local policy on ", in_comment(spf_domain(request))})
                          : meaning(result.word, in_comment(spf_domain(request)), client);
  return base::concat({"Received-SPF: ", spf_word(result.word), " (", in_comment(receiver),
                       ": ", what, ") client-ip=", client,
                       "; envelope-from=", mail::quoted_string(request.sender),
                       "; helo=", name_or_quoted(request.helo), ";"});
}

}  // namespace reqmail::auth822
