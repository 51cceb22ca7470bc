// Without libidn2 there are no U-labels.
#include "mail/idna.h"
#include "mail/idna_conversion.h"

namespace reqmail::mail {

bool can_convert_u_labels() {
  return false;
}

std::optional<std::string> convert_by_libidn2(const std::string& /*domain*/) {
  return std::nullopt;
}

}  // namespace reqmail::mail
