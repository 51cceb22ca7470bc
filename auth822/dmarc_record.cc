#include "auth822/dmarc_record.h"

#include <algorithm>

#include "auth822/tag_list.h"
#include "base/ascii.h"
#include "base/text.h"

namespace reqmail::auth822 {

namespace {

std::optional<DmarcPolicy> policy_of(std::string_view word) {
  for (const DmarcPolicy policy :
       {DmarcPolicy::none, DmarcPolicy::quarantine, DmarcPolicy::reject}) {
    if (base::equal_ci(word, dmarc_word(policy))) {
      return policy;
    }
  }
  return std::nullopt;
}

// Reads the record's policies; says when one of them makes no sense.
class PolicyReader {
 public:
  explicit PolicyReader(DmarcRecord& record) : record_(record) {}

  bool take(std::string_view name, std::string_view value) {
    if (name != "p" && name != "sp" && name != "np") {
      return false;
    }
    const auto policy = policy_of(value);
    sound_ = sound_ && policy;
    if (name == "p") {
      has_policy_ = true;
      record_.policy = policy.value_or(DmarcPolicy::none);
    } else {
      (name == "sp" ? record_.subdomains : record_.nonexistent) = policy;
    }
    return true;
  }

  [[nodiscard]] bool sound() const { return sound_ && has_policy_; }

 private:
  DmarcRecord& record_;
  bool has_policy_ = false;
  bool sound_ = true;
};

// Other tags that are not known, and their values without sense, are passed over (RFC 9989
// section 4.7).
void read_tag(std::string_view name, std::string_view value, DmarcRecord& record) {
  if (name == "adkim") {
    record.strict_dkim = base::equal_ci(value, "s");
  } else if (name == "aspf") {
    record.strict_spf = base::equal_ci(value, "s");
  } else if (name == "t") {
    record.testing = base::equal_ci(value, "y");
  } else if (name == "psd") {
    record.suffix = base::equal_ci(value, "y")   ? PublicSuffix::yes
                    : base::equal_ci(value, "n") ? PublicSuffix::no
                                                 : PublicSuffix::unknown;
  } else if (name == "rua") {
    record.reports = value;
  }
}

// Whether a text has the form of a URI: a scheme and something after its colon (RFC 3986
// section 3).
bool is_uri(std::string_view text) {
  text = trim_folding_space(text);
  const std::size_t colon = text.find(':');
  return colon != std::string_view::npos && colon + 1 < text.size() &&
         base::is_letter(text.front()) &&
         std::ranges::all_of(text.substr(0, colon), [](char c) {
           return base::is_letter(c) || base::is_digit(c) || c == '+' || c == '-' || c == '.';
         });
}

std::optional<DmarcRecord> parse(std::string_view text) {
  DmarcRecord record;
  PolicyReader policies(record);
  for (const std::string_view part : base::split(text, ';')) {
    const std::size_t equals = part.find('=');
    if (equals == std::string_view::npos) {
      continue;
    }
    const std::string name = base::lower(trim_folding_space(part.substr(0, equals)));
    const std::string_view value = trim_folding_space(part.substr(equals + 1));
    if (!policies.take(name, value)) {
      read_tag(name, value, record);
    }
  }
  if (policies.sound()) {
    return record;
  }
  // Then a record that asks for reports is p=none, and any other is none at all (RFC 9989
  // section 4.10.1); one of a domain that only says what it is (psd=) need not have a policy.
  if (std::ranges::none_of(base::split(record.reports, ','), is_uri) &&
      record.suffix == PublicSuffix::unknown) {
    return std::nullopt;
  }
  record.policy = DmarcPolicy::none;
  record.subdomains.reset();
  record.nonexistent.reset();
  return record;
}

}  // namespace

std::string_view dmarc_word(DmarcPolicy policy) {
  switch (policy) {
  case DmarcPolicy::none:
    return "none";
  case DmarcPolicy::quarantine:
    return "quarantine";
  case DmarcPolicy::reject:
    break;
  }
  return "reject";
}

bool is_dmarc_record(std::string_view text) {
  const std::string_view first = trim_folding_space(text.substr(0, text.find(';')));
  const std::size_t equals = first.find('=');
  return equals != std::string_view::npos &&
         trim_folding_space(first.substr(0, equals)) == "v" &&
         trim_folding_space(first.substr(equals + 1)) == "DMARC1";
}

std::optional<DmarcRecord> find_dmarc_record(const std::vector<std::string>& records) {
  const std::string* found = nullptr;
  for (const std::string& record : records) {
    if (!is_dmarc_record(record)) {
      continue;
    }
    if (found != nullptr) {
      return std::nullopt;
    }
    found = &record;
  }
  return found == nullptr ? std::nullopt : parse(*found);
}

}  // namespace reqmail::auth822
