// Work that may never come back, done by a child that can be given up.
#pragma once

#include <chrono>
#include <functional>
#include <string>

namespace reqmail::sys {

// Runs `work` in a child, with a descriptor to write to, and returns what it wrote within the
// limit. Then the child is killed where it has not ended by itself. Empty where there is no
// child to be had. For processes without threads.
std::string output_of_side_work(const std::function<void(int)>& work,
                                std::chrono::milliseconds limit);

}  // namespace reqmail::sys
