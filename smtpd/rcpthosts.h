// control/rcpthosts and control/morercpthosts.cdb: the domains that everybody may send to.
#pragma once

#include <optional>
#include <string_view>

#include "base/constmap.h"
#include "base/result.h"
#include "control/files.h"
#include "sys/cdb.h"

namespace reqmail::smtpd {

class RcptHosts {
 public:
  // Reads control/rcpthosts; if it exists, also opens control/morercpthosts.cdb.
  static RcptHosts load(control::ControlFiles& control);

  // Whether a domain is listed: itself, or by an entry ".suffix", without regard to case.
  // Without rcpthosts every domain is.
  [[nodiscard]] Result<bool> accepts(std::string_view domain) const;

 private:
  [[nodiscard]] Result<bool> lists(std::string_view lower_case_name) const;

  std::optional<base::ConstMap> hosts_;
  std::optional<sys::CdbReader> more_;
  std::optional<Failure> damaged_;
};

}  // namespace reqmail::smtpd
