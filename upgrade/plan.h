// What an upgrade puts where, and where it keeps what was there.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "survey/findings.h"
#include "survey/request.h"
#include "upgrade/disk.h"
#include "upgrade/journal.h"

namespace reqmail::upgrade {

// The programs that run for as long as qmail does: only as one set do they understand each
// other. qmail-start runs the rest through PATH.
inline constexpr std::string_view kDaemons[] = {"qmail-clean", "qmail-lspawn", "qmail-rspawn",
                                                "qmail-send"};
inline constexpr std::string_view kStart = "qmail-start";

// When a program of bin/ is put in place.
Phase phase_of(std::string_view program);

// Owner and mode of an installed program, whatever those of the new tree are: a tree that was
// unpacked by somebody has lost them. `mode`: that of the file in the tree.
Result<Access> program_access(std::string_view program, mode_t mode);

// Names of one upgrade of one home.
class Places {
 public:
  Places(std::string home, std::string time) : home_(std::move(home)), time_(std::move(time)) {}

  [[nodiscard]] const std::string& home() const { return home_; }

  [[nodiscard]] std::string bin() const { return home_ + "/bin"; }

  [[nodiscard]] std::string program(std::string_view name) const;

  // <home>/bin.old.TIME: everything that bin/ held.
  [[nodiscard]] std::string old_bin() const { return home_ + "/bin.old." + time_; }

  // <home>/upgrade/TIME, below which other files lie under their whole path.
  [[nodiscard]] std::string old_files() const { return home_ + "/upgrade/" + time_; }

  // Daemons of ours while rollback replaces them.
  [[nodiscard]] std::string leaving_bin() const { return home_ + "/bin.new." + time_; }

  // Where the old file of a target is.
  [[nodiscard]] std::string old_of(const std::string& target) const;

 private:
  std::string home_;
  std::string time_;
};

// What is to be put in the place of a target lies beside it under this name, so that one rename
// puts it there.
std::string staged_name(const std::string& target);

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
