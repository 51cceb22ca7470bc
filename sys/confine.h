// What a process gives up before it listens to strangers.
#pragma once

#include <optional>

#include "base/result.h"
#include "compat/call_filter.h"
#include "sys/process.h"

namespace reqmail::sys {

// For good, in this order: all descriptors from `first_descriptor` on are closed; root sees an
// empty directory that no longer has a name, where one can be made in /tmp, as its root, and
// becomes `identity` without supplementary groups; no privilege can be gained again; memory is
// hidden (sys/secrets.h); where the system can do that, any call but `calls` kills the process.
// A process that is not root stays
// who and where it is. A Failure: root could not become `identity`, or none was given; the
// process must not go on.
Result<void> confine(const std::optional<Identity>& identity, int first_descriptor,
                     compat::Calls calls);

}  // namespace reqmail::sys
