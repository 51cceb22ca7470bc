// Without libidn2 there are no U-labels.
#include "mail/idna.h"
#include "mail/idna_conversion.h"

namespace reqmail::mail {

bool can_convert_u_labels() {
  return false;
}

Result<std::string> convert_by_libidn2(const std::string& /*domain*/) {
  return permanent({});
}

}  // namespace reqmail::mail
