// Which processes belong to the qmail of a home. A name and a current directory are anybody's
// to take; a user id and a program file are not.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "survey/process_list.h"

namespace reqmail::survey {

class OwnProcesses {
 public:
  explicit OwnProcesses(const std::string& home);

  // In the queue of the home: whether the process runs as root or as an account of qmail, or
  // runs a program of the home. Elsewhere, but in no other queue: whether it runs a program of
  // the home, since it may be on its way to the queue.
  [[nodiscard]] bool has(const Process& process) const;

  // Whether the process runs a program that is no longer the one of its name in bin/: a file
  // without a name, or one of a kept set.
  [[nodiscard]] bool runs_replaced_program(const Process& process) const;

 private:
  // By its inode one of bin/ or of the sets that apply and rollback keep, or a file that has
  // lost its name in bin/ meanwhile; of a trusted process, the script that an interpreter runs
  // counts too.
  [[nodiscard]] bool runs_own_program(const Process& process) const;
  // Whether the file at `path` is `name` in one of the folders from `first` on.
  [[nodiscard]] bool is_own_file(const std::string& path, const std::string& name,
                                 std::size_t first = 0) const;

  std::string home_;
  std::string bin_;
  // bin, bin.old.TIME, bin.new.TIME.
  std::vector<std::string> folders_;
};

}  // namespace reqmail::survey
