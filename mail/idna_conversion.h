// Who converts U-labels for mail/idna. libidn2 and its tables are larger than most of our
// programs, and hosts run them under small limits of memory; so a program chooses whether it
// has the library or asks another one.
#pragma once

#include <cstddef>
#include <string>

#include "base/result.h"

namespace reqmail::mail {

inline constexpr std::size_t kUnicodeDomainMax = 1024;

// Converts a domain that is not all ASCII, has no NUL and at most kUnicodeDomainMax bytes;
// the Failure is that of find_a_labels().
using LabelConverter = Result<std::string> (*)(const std::string& domain);

// Chooses who converts from now on. Before the first call nothing is converted.
void convert_u_labels_by(LabelConverter converter);

// Returns whether that has been chosen.
bool has_label_converter();

// libidn2 in this program; converts nothing in a build without it. Chosen by configure:
// mail/idna_libidn2.cc or mail/idna_none.cc.
Result<std::string> convert_by_libidn2(const std::string& domain);

}  // namespace reqmail::mail
