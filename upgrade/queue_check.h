// The old queue: how it is laid out, what is in it, and whether reqmail can take it as it is.
#pragma once

#include <string>
#include <vector>

#include "upgrade/findings.h"
#include "upgrade/inspection.h"
#include "upgrade/programs.h"

namespace reqmail::upgrade {

// Walks over names alone; no message is opened. `queue` is the directory, absolute.
QueueFacts look_at_queue(const std::string& queue, const OldPrograms& programs);

std::vector<Finding> check_queue(const std::string& queue, const QueueFacts& facts);

}  // namespace reqmail::upgrade
