// The split of a queue: into how many numbered subdirectories mess, info, local and remote are
// divided.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "base/result.h"

namespace reqmail::mail {

// How a queue is looked at; paths are relative to it.
struct QueueView {
  std::function<bool(const std::string& path)> is_directory;
  std::function<Result<std::vector<std::string>>(const std::string& path)> list;
};

// One more than the highest number of a subdirectory of mess; 0 if there is none at all. Two
// questions settle it if the split is the `expected` one.
Result<std::uint64_t> count_split(const QueueView& queue, std::uint64_t expected);

}  // namespace reqmail::mail
