// The control files of SRS: srs_domain, srs_secrets, srs_maxage, srs_hashlength, srs_hashmin
// and srs_separator.
#pragma once

#include <optional>

#include "auth822/srs.h"
#include "base/result.h"

namespace reqmail::srs {

// Reads them below control/ in the current directory; nullopt if srs_domain does not switch SRS
// on. The text of a Failure names the file that cannot be used, and why.
Result<std::optional<auth822::SrsSettings>> read_settings();

}  // namespace reqmail::srs
