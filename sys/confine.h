// How a process gives up its privileges before it reads from the network.
#pragma once

#include <optional>

#include "base/result.h"
#include "compat/call_filter.h"
#include "sys/process.h"

namespace reqmail::sys {

// Confines the process for good, in this order. It closes all descriptors from
// `first_descriptor` on. If it is root, its root directory becomes an empty, removed directory,
// if one can be made in /tmp, and it becomes `identity` without supplementary groups. It can no
// longer gain privileges. Its memory is protected (sys/secrets.h). If the system supports it,
// every system call except `calls` kills the process. A process that is not root keeps its
// identity and root directory. It is a Failure if root could not become `identity` or none was
// given; the process must not continue then.
Result<void> confine(const std::optional<Identity>& identity, int first_descriptor,
                     compat::Calls calls);

// Only those steps that do not change identity, root directory or descriptors: no new
// privileges, protected memory, and no system calls except `calls`.
// Returns whether the system supports that.
bool confine_calls(compat::Calls calls);

// Confines a process that gives each connection a child, and so these children, before it takes
// the first one: it has no capabilities, and can do what compat::Calls::dispatching says.
// Returns whether the system makes sure that its children cannot connect to sockets of this
// host that have a path. It is a Failure if it is root, whose processes the system does not
// limit.
Result<bool> confine_dispatcher();

// Takes from such a child what it could do in addition to compat::Calls::asking that matters:
// it can make no process or thread. It is a Failure if it still could; the child must end then.
Result<void> confine_child();

// From now on the process and its children gain no privileges, can only read files, reach
// neither the network nor other processes, and execute nothing (compat/reading_filter.h), if
// the system supports it.
void confine_to_reading();

}  // namespace reqmail::sys
