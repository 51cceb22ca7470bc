#include "auth822/dmarc_record.h"

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

// Tags that are not known, and values without sense, are passed over (RFC 9989 section 4.7).
void read_tag(std::string_view name, std::string_view value, DmarcRecord& record, bool& has_p) {
  if (name == "p") {
    const auto policy = policy_of(value);
    has_p = policy.has_value();
    record.policy = policy.value_or(DmarcPolicy::none);
  } else if (name == "sp") {
    record.subdomains = policy_of(value);
  } else if (name == "np") {
    record.nonexistent = policy_of(value);
  } else if (name == "adkim") {
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

std::optional<DmarcRecord> parse(std::string_view text) {
  DmarcRecord record;
  bool has_policy = false;
  for (const std::string_view part : base::split(text, ';')) {
    const std::size_t equals = part.find('=');
    if (equals != std::string_view::npos) {
      read_tag(base::lower(trim_folding_space(part.substr(0, equals))),
               trim_folding_space(part.substr(equals + 1)), record, has_policy);
    }
  }
  // Without a policy that can be read a record that asks for reports is p=none, any other none
  // at all; one of a domain that only says what it is (psd=) need not have a policy.
  if (!has_policy && record.reports.empty() && record.suffix == PublicSuffix::unknown) {
    return std::nullopt;
  }
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
