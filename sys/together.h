// Calls that block, made at once.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <vector>

#include "base/result.h"

namespace reqmail::sys {

class ThreadPool;

// Syncs that are issued together cost little more than one, since the journal of the file
// system carries them out together; one after the other, each waits for the disk alone.
class Together {
 public:
  using Call = std::function<Result<void>()>;

  // `threads`: how many calls run at once. They are started when they are needed.
  explicit Together(std::size_t threads);

  Together(const Together&) = delete;
  Together& operator=(const Together&) = delete;
  ~Together();

  // Makes all calls and returns their results in the same order. A call may use nothing that
  // another one changes. Where no thread can be started, they are made one after the other.
  std::vector<Result<void>> run(const std::vector<Call>& calls);

 private:
  std::size_t threads_;
  std::unique_ptr<ThreadPool> pool_;
};

}  // namespace reqmail::sys
