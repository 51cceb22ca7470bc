// The part of mail/idna that configure chooses: mail/idna_libidn2.cc or mail/idna_none.cc.
#pragma once

#include <optional>
#include <string>

namespace reqmail::mail {

inline constexpr std::size_t kUnicodeDomainMax = 1024;

// Converts a domain that is not all ASCII, has no NUL and at most kUnicodeDomainMax bytes.
std::optional<std::string> convert_u_labels(const std::string& domain);

}  // namespace reqmail::mail
