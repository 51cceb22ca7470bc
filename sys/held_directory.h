// A directory held by descriptor: how root works below directories that other accounts can
// write.
//
// Whoever can write a directory can put a symbolic link in the place of any name in it, at any
// moment. So nothing here takes a path below such a directory: each step goes by one name from
// an open directory, never follows a link, and looks at what it has opened before it changes
// it.
#pragma once

#include <sys/stat.h>
#include <sys/types.h>

#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "sys/fd.h"
#include "sys/owned_file.h"

namespace reqmail::sys {

// Failure.error is the errno: ELOOP for a link that is not followed, ENOTDIR, EINVAL for a name
// that is empty, has a slash or is "." or "..", EMLINK for a file with names elsewhere.
class HeldDirectory {
 public:
  // Opens `path` ("" is "/") from the root directory on, one name after the other. Symbolic
  // links are followed only where root alone can have made them: in a directory of root that
  // nobody else can write.
  static Result<HeldDirectory> open(const std::string& path);
  // The same from the directory `below` on, which is opened as it is.
  static Result<HeldDirectory> open(const std::string& below, const std::string& path);

  // The directory of that name in this one.
  [[nodiscard]] Result<HeldDirectory> enter(const std::string& name) const;

  // The file of that name for reading: a regular file, else EINVAL. Never waits for a FIFO.
  [[nodiscard]] Result<Fd> open_file(const std::string& name) const;

  // The FIFO of that name for writing: ENXIO where nobody reads it, EINVAL for anything else.
  [[nodiscard]] Result<Fd> open_fifo(const std::string& name) const;

  // A new file for writing; EEXIST where the name is taken, by a dangling link too.
  [[nodiscard]] Result<Fd> create_file(const std::string& name, mode_t mode) const;

  // A new directory, which nobody can enter before it has its owner and mode.
  [[nodiscard]] Result<void> make_directory(const std::string& name,
                                            const Ownership& ownership) const;

  // A new named pipe. Its owner is the caller until set_ownership is called.
  [[nodiscard]] Result<void> make_fifo(const std::string& name) const;

  // Owner, group and mode of the directory, FIFO or regular file of that name. The result says
  // whether anything had to be changed. What has other names too is not changed (EMLINK): one
  // of these may be a file that the owner of this directory could not touch.
  [[nodiscard]] Result<bool> set_ownership(const std::string& name,
                                           const Ownership& ownership) const;
  // Owner, group and mode of this directory itself.
  [[nodiscard]] Result<bool> set_ownership(const Ownership& ownership) const;

  // What has that name, a link itself included; absent where there is nothing.
  [[nodiscard]] Result<std::optional<struct ::stat>> status(const std::string& name) const;
  [[nodiscard]] Result<struct ::stat> status() const;

  // Whether nobody but root can have put anything in this directory.
  [[nodiscard]] bool is_roots_alone() const;

  // All names but "." and "..", in no particular order.
  [[nodiscard]] Result<std::vector<std::string>> names() const;

  // A second name for a file (for a link: the link itself); a taken name is EEXIST.
  [[nodiscard]] Result<void> link(const std::string& name, const HeldDirectory& to,
                                  const std::string& new_name) const;

  // Replaces what has the new name, as rename(2) does.
  [[nodiscard]] Result<void> rename(const std::string& name, const HeldDirectory& to,
                                    const std::string& new_name) const;

  // Removes a file or a link; success where there is nothing.
  [[nodiscard]] Result<void> remove_file(const std::string& name) const;
  // Removes an empty directory; success where there is nothing.
  [[nodiscard]] Result<void> remove_directory(const std::string& name) const;
  // Removes what has that name, a directory with all that is in it on the same file system.
  [[nodiscard]] Result<void> remove_tree(const std::string& name) const;

  // Makes the entries durable.
  [[nodiscard]] Result<void> sync() const;

  // For calls that are not here; it stays this object's.
  [[nodiscard]] int fd() const { return fd_.get(); }

 private:
  explicit HeldDirectory(Fd fd) : fd_(std::move(fd)) {}

  static Result<HeldDirectory> root();
  static Result<HeldDirectory> walk(HeldDirectory from, const std::string& path, int& links);
  [[nodiscard]] Result<HeldDirectory> step(const std::string& name, int& links) const;
  [[nodiscard]] Result<HeldDirectory> again() const;
  [[nodiscard]] Result<Fd> open_entry(const std::string& name) const;

  Fd fd_;
};

// The same for a path whose last name may be missing: the directory that holds it, and the
// name.
struct HeldPlace {
  HeldDirectory directory;
  std::string name;
};

// `path` is absolute and has no trailing slash.
Result<HeldPlace> held_place(const std::string& path);
// The same for a path below `below` ("" is the root directory), a place that the caller trusts
// as it is: links in that part are followed.
Result<HeldPlace> held_place(const std::string& below, const std::string& path);

}  // namespace reqmail::sys
