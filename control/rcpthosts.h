// The domains of control/rcpthosts and control/morercpthosts.cdb, to which everybody may send.
#pragma once

#include <optional>
#include <string_view>

#include "base/constmap.h"
#include "base/result.h"
#include "control/files.h"
#include "sys/cdb.h"

namespace reqmail::control {

class RcptHosts {
 public:
  // Reads control/rcpthosts; if it exists, also opens control/morercpthosts.cdb.
  static RcptHosts load(ControlFiles& files);

  // The same in two steps, for a process that reads the list for others: each of them opens the
  // database itself. Failure.error is the errno.
  static RcptHosts load_list(ControlFiles& files);
  Result<void> open_database();

  // Returns whether there is a file rcpthosts.
  [[nodiscard]] bool exists() const { return hosts_.has_value(); }

  // Returns whether a domain is listed, either itself or by an entry ".suffix", without regard
  // to case, and with smtputf8 in A-labels. Without rcpthosts every domain is listed.
  [[nodiscard]] Result<bool> accepts(std::string_view domain) const;

 private:
  [[nodiscard]] Result<bool> lists(std::string_view lower_case_name) const;

  bool utf8_ = false;
  std::optional<base::ConstMap> hosts_;
  bool may_have_more_ = false;
  std::optional<sys::CdbReader> more_;
  std::optional<Failure> damaged_;
};

}  // namespace reqmail::control
