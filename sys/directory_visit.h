// Works in another directory for a while.
#pragma once

#include <string>

#include "base/result.h"
#include "sys/fd.h"

namespace reqmail::sys {

// Until this object is destroyed, another directory is the current one. If the process could
// not come back, it does not go.
class DirectoryVisit {
 public:
  // Failure.error is the errno.
  static Result<DirectoryVisit> begin(const std::string& directory);

  DirectoryVisit(DirectoryVisit&&) = default;
  DirectoryVisit& operator=(DirectoryVisit&&) = delete;
  DirectoryVisit(const DirectoryVisit&) = delete;
  DirectoryVisit& operator=(const DirectoryVisit&) = delete;
  ~DirectoryVisit();

 private:
  explicit DirectoryVisit(Fd before) : before_(std::move(before)) {}

  Fd before_;
};

}  // namespace reqmail::sys
