// Examines the old queue: its layout, its contents, and whether reqmail can use it unchanged.
#pragma once

#include <string>
#include <vector>

#include "survey/findings.h"
#include "survey/inspection.h"
#include "survey/programs.h"

namespace reqmail::survey {

// Examines only names; no message is opened. `queue` is the absolute path of the directory.
QueueFacts look_at_queue(const std::string& queue, const OldPrograms& programs);

std::vector<Finding> check_queue(const std::string& queue, const QueueFacts& facts);

}  // namespace reqmail::survey
