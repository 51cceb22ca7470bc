// The files that an upgrade installs, and their places.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "survey/findings.h"
#include "survey/request.h"
#include "upgrade/disk.h"
#include "upgrade/places.h"
#include "upgrade/record.h"

namespace reqmail::upgrade {

// One new file, which is a copy of `source`, or has `content` if `source` is empty.
struct NewFile {
  Put put;
  std::string source;
  std::string content;
  Access access;
};

// Everything that `apply` installs: the programs of the tree, its manual pages, documents, the
// scripts of setup/ and services/, and the files that conversions write, without files that are
// already right. It is a Failure if something is missing in the tree, an account does not
// exist, or two new files have the same path. On a host without a queue (`mini`) it has only
// the programs and pages of which the host has the old ones, and this program.
struct Plan {
  std::vector<NewFile> files;
  std::vector<AccessChange> accesses;
};

Result<Plan> make_plan(const survey::Request& request,
                       const std::vector<survey::Finding>& findings, bool mini);

}  // namespace reqmail::upgrade
