// control/morercpthosts becomes control/morercpthosts.cdb (qmail-newmrh(8)).
#pragma once

#include "base/result.h"

namespace reqmail::smtpd {

// Works in the current directory, which is qmail's home. Each line becomes a key in lower case
// without data; what stands there before stays until the new file is complete and on disk.
Result<void> compile_morercpthosts();

}  // namespace reqmail::smtpd
