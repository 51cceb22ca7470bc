// A child for one connection, in a process that makes many of them and is itself what they
// are to be: it has their name, and is confined as they are (sys/confine.h).
#pragma once

#include <functional>

#include "base/result.h"
#include "sys/child.h"

namespace reqmail::sys {

// The number of `other` in a child.
inline constexpr int kOtherDescriptor = 3;

// Starts a child that calls `work`, whose result is its exit code. Its descriptors are
// `connection` as 0, this process's descriptor 2, as 1 too, and, unless it is -1, `other`.
// Signals that this process catches have their default action in it, and none is blocked. Not
// for processes with threads. Failure.error is the errno.
Result<Child> start_alike(int connection, int other, const std::function<int()>& work);

}  // namespace reqmail::sys
