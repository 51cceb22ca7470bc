// Included by tests of code that compares domains as A-labels: libidn2 converts them here, as
// bin/qmail-idna does for the programs.
#pragma once

#include "mail/idna_conversion.h"

namespace reqmail::testing {

inline const bool kLibidn2IsChosen = [] {
  mail::convert_u_labels_by(mail::convert_by_libidn2);
  return true;
}();

}  // namespace reqmail::testing
