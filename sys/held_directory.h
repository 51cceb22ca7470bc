// A directory that is held by a descriptor. This is how root works below directories that other
// accounts can write.
//
// An account that can write a directory can replace any name in it by a symbolic link at any
// moment. So no function takes a path below such a directory: each step opens one name relative
// to an open directory, never follows a link, and examines what it has opened before it changes
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

// Failure.error is the errno: ELOOP for a link that is not followed; ENOTDIR; EINVAL for a name
// that is empty, has a slash or is "." or ".."; EMLINK for a file with other names.
class HeldDirectory {
 public:
  // Opens `path` ("" is "/"), beginning at the root directory, one name after the other. A
  // symbolic link is followed only in a directory that is_trusted(): one that belongs to root
  // and that nobody else can write, or, if this process is not root, such a one of its own
  // account.
  static Result<HeldDirectory> open(const std::string& path);
  // The same, beginning at the directory `below`, which is opened without these checks.
  static Result<HeldDirectory> open(const std::string& below, const std::string& path);

  // Opens the directory of that name in this one.
  [[nodiscard]] Result<HeldDirectory> enter(const std::string& name) const;

  // Opens the file of that name for reading; it must be a regular file, else EINVAL. Never
  // waits for a FIFO.
  [[nodiscard]] Result<Fd> open_file(const std::string& name) const;

  // Opens the FIFO of that name for writing: ENXIO if no process reads it, EINVAL if it is
  // something else.
  [[nodiscard]] Result<Fd> open_fifo(const std::string& name) const;

  // Creates a file for writing; EEXIST if the name exists, even as a dangling link.
  [[nodiscard]] Result<Fd> create_file(const std::string& name, mode_t mode) const;

  // Makes a directory, which nobody else can enter before it has its owner and mode.
  [[nodiscard]] Result<void> make_directory(const std::string& name,
                                            const Ownership& ownership) const;

  // Makes a FIFO. It belongs to the caller until set_ownership() is called.
  [[nodiscard]] Result<void> make_fifo(const std::string& name) const;

  // Sets owner, group and mode of the directory, FIFO or regular file of that name. Returns
  // whether anything had to be changed. A file with other names is not changed (EMLINK): one of
  // these may be a file to which the owner of this directory has no access.
  [[nodiscard]] Result<bool> set_ownership(const std::string& name,
                                           const Ownership& ownership) const;
  // Sets owner, group and mode of this directory itself.
  [[nodiscard]] Result<bool> set_ownership(const Ownership& ownership) const;

  // Returns the status of that name, of the link itself if it is one; nullopt if it does not
  // exist.
  [[nodiscard]] Result<std::optional<struct ::stat>> status(const std::string& name) const;
  [[nodiscard]] Result<struct ::stat> status() const;

  // Returns whether only root can have created names in this directory; or, if this process is
  // not root, root or its own account.
  [[nodiscard]] bool is_trusted() const;

  // Returns all names except "." and "..", in no particular order.
  [[nodiscard]] Result<std::vector<std::string>> names() const;

  // Makes another name for a file (for a link: for the link itself); EEXIST if the name exists.
  [[nodiscard]] Result<void> link(const std::string& name, const HeldDirectory& to,
                                  const std::string& new_name) const;

  // Renames as rename(2) does, replacing what has the new name.
  [[nodiscard]] Result<void> rename(const std::string& name, const HeldDirectory& to,
                                    const std::string& new_name) const;

  // Removes a file or a link; succeeds if it does not exist.
  [[nodiscard]] Result<void> remove_file(const std::string& name) const;
  // Removes an empty directory; succeeds if it does not exist.
  [[nodiscard]] Result<void> remove_directory(const std::string& name) const;
  // Removes what has that name; of a directory, everything in it that is on the same file
  // system.
  [[nodiscard]] Result<void> remove_tree(const std::string& name) const;

  // Makes the entries of the directory durable.
  [[nodiscard]] Result<void> sync() const;

  // Returns the descriptor, for calls that this class does not have. The object keeps it.
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

// A place for a name that may not exist yet: the directory that contains it, and the name.
struct HeldPlace {
  HeldDirectory directory;
  std::string name;
};

// `path` must be absolute and have no trailing slash.
Result<HeldPlace> held_place(const std::string& path);
// The same for a path below `below` ("" is the root directory), a place that the caller trusts:
// links in that part are followed.
Result<HeldPlace> held_place(const std::string& below, const std::string& path);

}  // namespace reqmail::sys
