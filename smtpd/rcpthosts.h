// control/rcpthosts and control/morercpthosts.cdb: the domains that everybody may send to.
#pragma once

#include <optional>
#include <string_view>

#include "base/constmap.h"
#include "base/result.h"
#include "sys/cdb.h"

namespace reqmail::smtpd {

class RcptHosts {
 public:
  // Reads control/rcpthosts; where it exists, also opens control/morercpthosts.cdb.
  static Result<RcptHosts> load();

  // Whether a domain is listed: itself, or by an entry ".suffix". In any case. Without
  // rcpthosts every domain is.
  Result<bool> accepts(std::string_view domain);

 private:
  Result<bool> lists(std::string_view lower_case_name);

  std::optional<base::ConstMap> hosts_;
  std::optional<sys::CdbReader> more_;
  std::optional<Failure> damaged_;
};

}  // namespace reqmail::smtpd
