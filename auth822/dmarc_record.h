// A DMARC policy record (RFC 9989 section 4.7).
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace reqmail::auth822 {

enum class DmarcPolicy { none, quarantine, reject };

std::string_view dmarc_word(DmarcPolicy policy);

// psd=: whether the domain is one below which others register domains.
enum class PublicSuffix { yes, no, unknown };

struct DmarcRecord {
  DmarcPolicy policy = DmarcPolicy::none;
  std::optional<DmarcPolicy> subdomains;   // sp=
  std::optional<DmarcPolicy> nonexistent;  // np=
  bool strict_dkim = false;                // adkim=s
  bool strict_spf = false;                 // aspf=s
  bool testing = false;                    // t=y
  PublicSuffix suffix = PublicSuffix::unknown;
  std::string reports;  // rua=
};

// Whether a TXT record says that it is one of DMARC.
bool is_dmarc_record(std::string_view text);

// The policy record among the TXT records of one name. Absent if there is none, or more than
// one, which counts as none.
std::optional<DmarcRecord> find_dmarc_record(const std::vector<std::string>& records);

}  // namespace reqmail::auth822
