#include "auth822/origin.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "auth822/dns_facts.h"
#include "auth822/tag_list.h"
#include "base/ascii.h"
#include "mail/auth_results.h"

namespace reqmail::auth822 {

namespace {

constexpr std::string_view kReceived = "received";

// Returns the words of a Received field before its date, without comments.
std::vector<std::string> words_of(std::string_view value) {
  std::vector<std::string> words;
  int comment = 0;
  bool blank = true;
  for (const char c : value) {
    if (c == ';' && comment == 0) {
      break;
    }
    comment += c == '(' ? 1 : 0;
    if (comment > 0 || is_folding_space(c)) {
      blank = true;
    } else {
      if (std::exchange(blank, false)) {
        words.emplace_back();
      }
      words.back().push_back(c);
    }
    comment -= c == ')' && comment > 0 ? 1 : 0;
  }
  return words;
}

// Returns the protocol of a Received field that names a client; nullopt for any other field.
std::optional<std::string> protocol_of(const RawField& field) {
  if (field.name != kReceived) {
    return std::nullopt;
  }
  const auto words = words_of(field.value());
  if (words.empty() || !base::equal_ci(words.front(), "from")) {
    return std::nullopt;
  }
  const auto with = std::find_if(words.begin(), words.end(), [](const std::string& word) {
    return base::equal_ci(word, "with");
  });
  return with == words.end() || with + 1 == words.end() ? std::string() : *(with + 1);
}

// Returns whether this is one of the protocols SMTP, ESMTP, ESMTPS, UTF8SMTP, UTF8SMTPS, whose
// names end in an A if the client had logged in (RFC 3848, RFC 6531 section 4.3).
bool is_smtp(std::string_view protocol) {
  return base::ends_with_ci(protocol, "SMTP") || base::ends_with_ci(protocol, "SMTPS");
}

// Clients of QMQP are this host's own.
bool is_proved(std::string_view protocol) {
  return base::ends_with_ci(protocol, "SMTPA") || base::ends_with_ci(protocol, "SMTPSA") ||
         base::equal_ci(protocol, "QMQP");
}

bool is_of(const RawField& field, std::string_view service) {
  const auto id =
      field.name == "authentication-results" ? mail::authserv_id(field.value()) : std::nullopt;
  return id && base::equal_ci(*id, service);
}

// Whether a key of `signer` speaks for the author's domain.
bool speaks_for(std::string_view signer, std::string_view domain) {
  return signer.find('.') != std::string_view::npos && is_within(domain, signer);
}

}  // namespace

Origin find_origin(const MessageHeader& header, std::string_view service) {
  Origin origin;
  bool delivered = false;
  bool arrived = false;
  bool by_smtp = false;
  for (const RawField& field : header.fields()) {
    if (arrived) {
      if (field.name == kReceived) {
        break;
      }
      // Other programs than qmail-smtpd remove no such fields that were there.
      if (by_smtp && is_of(field, service)) {
        origin.own_results.push_back(&field);
      }
    } else if (field.name == "delivered-to") {
      delivered = true;
    } else if (const auto protocol = protocol_of(field)) {
      arrived = true;
      origin.forwarded = delivered;
      origin.by_stranger = !is_proved(*protocol);
      by_smtp = is_smtp(*protocol) || is_proved(*protocol);
    }
  }
  return origin;
}

bool proves_author(const std::vector<AuthResult>& results, std::string_view domain) {
  return std::any_of(results.begin(), results.end(), [domain](const AuthResult& one) {
    if (one.result != "pass") {
      return false;
    }
    const auto property = [&one](std::string_view name) {
      return one.property(name).value_or(std::string_view());
    };
    return (one.method == "dmarc" && base::equal_ci(property("header.from"), domain)) ||
           (one.method == "dkim" && speaks_for(property("header.d"), domain));
  });
}

}  // namespace reqmail::auth822
