#include "judge/result_text.h"

#include <algorithm>
#include <string_view>

#include "base/ascii.h"
#include "base/text.h"
#include "mail/idna.h"
#include "mail/quoted_string.h"

namespace reqmail::judge {

namespace {

// A value as RFC 8601 allows it: a token or an address as it is, anything else quoted.
std::string value_text(std::string_view value) {
  const bool plain = !value.empty() && std::all_of(value.begin(), value.end(), [](char c) {
    constexpr std::string_view kMarks = "-._@+";
    return base::is_letter(c) || base::is_digit(c) || kMarks.find(c) != std::string_view::npos;
  });
  return plain ? std::string(value) : mail::quoted_string(value);
}

std::string property(std::string_view name, std::string_view value) {
  return value.empty() ? std::string() : base::concat({" ", name, "=", value_text(value)});
}

// The reasons are texts of ours, without brackets.
std::string comment(std::string_view why) {
  return why.empty() ? std::string() : base::concat({" (", why, ")"});
}

}  // namespace

std::string spf_text(const auth822::SpfRequest& request, const auth822::SpfResult& result) {
  return base::concat(
      {"spf=", spf_word(result.word), result.local_policy ? " (local policy)" : "",
       property("smtp.mailfrom",
                mail::address_in_a_labels(request.sender).value_or(request.sender)),
       property("smtp.helo", request.helo)});
}

std::string dkim_text(const DkimResult& result) {
  const auth822::SignatureLabels& labels = result.labels;
  return base::concat(
      {"dkim=", auth_word(result.word), comment(result.why),
       property("header.d", labels.domain), property("header.i", labels.identity),
       property("header.s", labels.selector), property("header.a", labels.algorithm),
       property("header.b", labels.signature_start)});
}

std::string arc_text(const ArcResult& result) {
  return base::concat({"arc=", auth_word(result.word), comment(result.why)});
}

std::string dmarc_text(const MessageResults& results) {
  const auth822::DmarcResult& result = results.dmarc;
  return base::concat(
      {"dmarc=", auth_word(result.word), comment(result.why),
       property("header.from", results.author.domain.value_or("")),
       result.record ? property("policy.dmarc", dmarc_word(result.policy)) : ""});
}

}  // namespace reqmail::judge
