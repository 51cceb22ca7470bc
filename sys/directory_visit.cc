#include "sys/directory_visit.h"

#include <unistd.h>

#include <utility>

#include "sys/error.h"
#include "sys/file.h"

namespace reqmail::sys {

Result<DirectoryVisit> DirectoryVisit::begin(const std::string& directory) {
  auto before = open_directory(".");
  if (!before) {
    return before.error();
  }
  // The way back needs permission to search it.
  if (::fchdir(before->get()) != 0) {
    return system_failure("unable to stay in this directory");
  }
  if (auto changed = change_directory(directory); !changed) {
    return changed.error();
  }
  return DirectoryVisit(std::move(*before));
}

DirectoryVisit::~DirectoryVisit() {
  if (before_.valid()) {
    (void)!::fchdir(before_.get());
  }
}

}  // namespace reqmail::sys
