// Runs work that may block for ever in a child, which can be killed.
#pragma once

#include <chrono>
#include <functional>
#include <string>

namespace reqmail::sys {

// Runs `work` in a child with a descriptor to write to, and returns what it wrote within the
// limit. Then the child is killed if it has not ended. Returns an empty text if no child can be
// made. Not for processes with threads.
std::string output_of_side_work(const std::function<void(int)>& work,
                                std::chrono::milliseconds limit);

}  // namespace reqmail::sys
