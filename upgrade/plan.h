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

// One file to be staged: copied from `source`, or made of `content` where that is empty.
struct NewFile {
  Put put;
  std::string source;
  std::string content;
  Access access;
};

// Everything `apply` is to put: the programs of the tree, its manual pages, documents, scripts
// of setup/ and services/, and the files that conversions write. Files that are already as they
// are to be are left out. A Failure: something is missing in the tree, an account is unknown,
// two things want one file. Of a host without a queue (`mini`): programs and pages of which it
// has the old ones, and this program.
struct Plan {
  std::vector<NewFile> files;
  std::vector<AccessChange> accesses;
};

Result<Plan> make_plan(const survey::Request& request,
                       const std::vector<survey::Finding>& findings, bool mini);

}  // namespace reqmail::upgrade
