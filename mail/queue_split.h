// Counts the split of a queue: the number of subdirectories into which mess, info, local and
// remote are divided.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "base/result.h"

namespace reqmail::mail {

// How the directories of a queue are examined; paths are relative to it.
struct QueueView {
  std::function<bool(const std::string& path)> is_directory;
  std::function<Result<std::vector<std::string>>(const std::string& path)> list;
};

// Returns one more than the highest number of a subdirectory of mess; 0 if there is no
// subdirectory. If the split is the `expected` one, two calls are enough.
Result<std::uint64_t> count_split(const QueueView& queue, std::uint64_t expected);

}  // namespace reqmail::mail
