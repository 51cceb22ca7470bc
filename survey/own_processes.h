// Finds out which processes belong to the qmail of a home. Any process can have a certain name
// and current directory, but not a certain user id and program file.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "survey/process_list.h"

namespace reqmail::survey {

class OwnProcesses {
 public:
  explicit OwnProcesses(const std::string& home);

  // Returns whether a process belongs to this qmail. In the queue of the home it must run as
  // root or as an account of qmail, or run a program of the home. Elsewhere, but not in another
  // queue, it must run a program of the home, since it may be about to enter the queue.
  [[nodiscard]] bool has(const Process& process) const;

  // Returns whether the process runs a program that is no longer the one of its name in bin/: a
  // file without a name, or one that was kept.
  [[nodiscard]] bool runs_replaced_program(const Process& process) const;

 private:
  // Returns whether the program file is, by its inode, one of bin/ or of the directories in
  // which apply and rollback keep programs, or a file that has lost its name in bin/ since. For
  // a trusted process, the script that an interpreter runs counts too.
  [[nodiscard]] bool runs_own_program(const Process& process) const;
  // Returns whether the file at `path` is `name` in one of the directories from `first` on.
  [[nodiscard]] bool is_own_file(const std::string& path, const std::string& name,
                                 std::size_t first = 0) const;

  std::string home_;
  std::string bin_;
  // The directories bin, bin.old.TIME and bin.new.TIME.
  std::vector<std::string> folders_;
};

}  // namespace reqmail::survey
