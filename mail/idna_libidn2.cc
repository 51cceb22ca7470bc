// U-labels by libidn2.
#include <idn2.h>

#include "mail/idna.h"
#include "mail/idna_conversion.h"

namespace reqmail::mail {

bool can_convert_u_labels() {
  return true;
}

Result<std::string> convert_by_libidn2(const std::string& domain) {
  char* found = nullptr;
  // Not the function for the locale: what the bytes mean must not depend on the environment.
  if (idn2_to_ascii_8z(domain.c_str(), &found, IDN2_NFC_INPUT | IDN2_NONTRANSITIONAL) !=
      IDN2_OK) {
    return permanent({});
  }
  std::string result(found);
  idn2_free(found);
  return result;
}

}  // namespace reqmail::mail
