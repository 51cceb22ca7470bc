#include "sys/held_directory.h"

#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <unistd.h>

#include <cerrno>
#include <memory>
#include <string_view>
#include <utility>

#include "base/text.h"
#include "sys/error.h"
#include "sys/file.h"

namespace reqmail::sys {

namespace {

constexpr int kDirectoryFlags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
constexpr int kMostLinks = 40;  // the kernel's own limit

Failure trouble(std::string_view what, std::string_view name, int error) {
  return system_failure(base::concat({"unable to ", what, " ", name}), error);
}

bool is_one_name(const std::string& name) {
  return !name.empty() && name != "." && name != ".." && name.find('/') == std::string::npos &&
         name.find('\0') == std::string::npos;
}

Result<Fd> open_at(int directory, const std::string& name, int flags, mode_t mode = 0) {
  if (!is_one_name(name)) {
    return trouble("open", name, EINVAL);
  }
  Fd fd(::openat(directory, name.c_str(), flags, mode));
  if (!fd.valid()) {
    return trouble("open", name, errno);
  }
  return fd;
}

Result<std::string> link_target(int directory, const std::string& name) {
  std::string target(PATH_MAX, '\0');
  const ssize_t length = ::readlinkat(directory, name.c_str(), target.data(), target.size());
  if (length < 0) {
    return trouble("read the link", name, errno);
  }
  target.resize(static_cast<std::size_t>(length));
  return target;
}

}  // namespace

Result<HeldDirectory> HeldDirectory::root() {
  Fd fd(::open("/", kDirectoryFlags));
  if (!fd.valid()) {
    return trouble("open", "/", errno);
  }
  return HeldDirectory(std::move(fd));
}

Result<HeldDirectory> HeldDirectory::open(const std::string& path) {
  return open("/", path);
}

Result<HeldDirectory> HeldDirectory::open(const std::string& below, const std::string& path) {
  auto top = open_directory(below);
  if (!top) {
    return top.error();
  }
  int links = 0;
  return walk(HeldDirectory(std::move(*top)), path, links);
}

Result<HeldDirectory> HeldDirectory::walk(HeldDirectory from, const std::string& path,
                                          int& links) {
  std::string_view rest = path;
  while (!rest.empty()) {
    const std::size_t slash = rest.find('/');
    const std::string name(rest.substr(0, slash));
    rest.remove_prefix(slash == std::string_view::npos ? rest.size() : slash + 1);
    if (name.empty() || name == ".") {
      continue;
    }
    auto next = from.step(name, links);
    if (!next) {
      return next;
    }
    from = std::move(*next);
  }
  return from;
}

// Opens one name of a path, which may be a symbolic link in a directory that is trusted.
Result<HeldDirectory> HeldDirectory::step(const std::string& name, int& links) const {
  if (name == "..") {
    Fd above(::openat(fd_.get(), "..", kDirectoryFlags));
    if (!above.valid()) {
      return trouble("open", name, errno);
    }
    return HeldDirectory(std::move(above));
  }
  auto next = enter(name);
  if (next || (next.error().error != ELOOP && next.error().error != ENOTDIR)) {
    return next;
  }
  const auto found = status(name);
  if (!found || !*found || !S_ISLNK((*found)->st_mode)) {
    return next;
  }
  if (!is_trusted() || ++links > kMostLinks) {
    return trouble("follow the link", name, ELOOP);
  }
  const auto target = link_target(fd_.get(), name);
  if (!target) {
    return target.error();
  }
  auto start = target->starts_with('/') ? root() : again();
  if (!start) {
    return start;
  }
  return walk(std::move(*start), *target, links);
}

// Returns this directory with a descriptor of its own.
Result<HeldDirectory> HeldDirectory::again() const {
  auto copy = duplicate(fd_.get());
  if (!copy) {
    return copy.error();
  }
  return HeldDirectory(std::move(*copy));
}

Result<HeldDirectory> HeldDirectory::enter(const std::string& name) const {
  auto fd = open_at(fd_.get(), name, kDirectoryFlags);
  if (!fd) {
    return fd.error();
  }
  return HeldDirectory(std::move(*fd));
}

Result<Fd> HeldDirectory::open_entry(const std::string& name) const {
  return open_at(fd_.get(), name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
}

Result<Fd> HeldDirectory::open_file(const std::string& name) const {
  auto fd = open_entry(name);
  if (!fd) {
    return fd;
  }
  const auto found = sys::status(fd->get());
  if (!found) {
    return found.error();
  }
  if (!S_ISREG(found->st_mode)) {
    return trouble("open", name, EINVAL);
  }
  return fd;
}

Result<Fd> HeldDirectory::open_fifo(const std::string& name) const {
  auto fd = open_at(fd_.get(), name, O_WRONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
  if (!fd) {
    return fd;
  }
  const auto found = sys::status(fd->get());
  if (!found) {
    return found.error();
  }
  if (!S_ISFIFO(found->st_mode)) {
    return trouble("write to", name, EINVAL);
  }
  return fd;
}

Result<Fd> HeldDirectory::create_file(const std::string& name, mode_t mode) const {
  return open_at(fd_.get(), name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode);
}

Result<void> HeldDirectory::make_directory(const std::string& name,
                                           const Ownership& ownership) const {
  if (!is_one_name(name)) {
    return trouble("create", name, EINVAL);
  }
  if (::mkdirat(fd_.get(), name.c_str(), S_IRWXU) != 0) {
    return trouble("create", name, errno);
  }
  const auto made = enter(name);
  if (!made) {
    return made.error();
  }
  const auto found = made->status();
  if (!found) {
    return found.error();
  }
  // If this is not the directory that was just made, somebody has replaced it.
  if (found->st_uid != ::geteuid() || (found->st_mode & (S_IRWXG | S_IRWXO)) != 0) {
    return trouble("create", name, EEXIST);
  }
  if (auto set = sys::set_ownership(made->fd(), name, *found, ownership); !set) {
    return set.error();
  }
  return {};
}

Result<void> HeldDirectory::make_fifo(const std::string& name) const {
  if (!is_one_name(name) || ::mkfifoat(fd_.get(), name.c_str(), S_IRUSR | S_IWUSR) != 0) {
    return trouble("create", name, is_one_name(name) ? errno : EINVAL);
  }
  return {};
}

Result<bool> HeldDirectory::set_ownership(const std::string& name,
                                          const Ownership& ownership) const {
  const auto fd = open_entry(name);
  if (!fd) {
    return fd.error();
  }
  const auto found = sys::status(fd->get());
  if (!found) {
    return found.error();
  }
  const mode_t mode = found->st_mode;
  if (!S_ISREG(mode) && !S_ISDIR(mode) && !S_ISFIFO(mode)) {
    return trouble("set owner and mode of", name, EINVAL);
  }
  if (!S_ISDIR(mode) && found->st_nlink != 1 && !is_as_wanted(*found, ownership)) {
    return trouble("set owner and mode of", name, EMLINK);
  }
  return sys::set_ownership(fd->get(), name, *found, ownership);
}

Result<bool> HeldDirectory::set_ownership(const Ownership& ownership) const {
  const auto found = status();
  if (!found) {
    return found.error();
  }
  return sys::set_ownership(fd_.get(), "a directory", *found, ownership);
}

Result<std::optional<struct ::stat>> HeldDirectory::status(const std::string& name) const {
  struct ::stat found {};

  if (!is_one_name(name)) {
    return trouble("look at", name, EINVAL);
  }
  if (::fstatat(fd_.get(), name.c_str(), &found, AT_SYMLINK_NOFOLLOW) != 0) {
    if (errno == ENOENT) {
      return std::optional<struct ::stat>();
    }
    return trouble("look at", name, errno);
  }
  return std::optional<struct ::stat>(found);
}

Result<struct ::stat> HeldDirectory::status() const {
  return sys::status(fd_.get());
}

bool HeldDirectory::is_trusted() const {
  const auto found = status();
  if (!found || (found->st_mode & S_IWOTH) != 0) {
    return false;
  }
  const bool group_writes = (found->st_mode & S_IWGRP) != 0;
  return found->st_uid == 0 ? !group_writes || found->st_gid == 0
                            : !group_writes && found->st_uid == ::geteuid();
}

Result<std::vector<std::string>> HeldDirectory::names() const {
  // A duplicate would share the offset of fd_, which reading changes.
  const int own = ::openat(fd_.get(), ".", kDirectoryFlags);
  DIR* opened = own < 0 ? nullptr : ::fdopendir(own);
  if (opened == nullptr) {
    const int error = errno;
    close_descriptor(own);
    return trouble("read", "a directory", error);
  }
  const std::unique_ptr<DIR, int (*)(DIR*)> handle(opened, ::closedir);
  std::vector<std::string> names;
  for (;;) {
    errno = 0;
    const dirent* entry = ::readdir(handle.get());
    if (entry == nullptr) {
      if (errno != 0) {
        return trouble("read", "a directory", errno);
      }
      return names;
    }
    if (is_one_name(static_cast<const char*>(entry->d_name))) {
      names.emplace_back(static_cast<const char*>(entry->d_name));
    }
  }
}

Result<void> HeldDirectory::link(const std::string& name, const HeldDirectory& to,
                                 const std::string& new_name) const {
  if (!is_one_name(name) || !is_one_name(new_name)) {
    return trouble("link", name, EINVAL);
  }
  if (::linkat(fd_.get(), name.c_str(), to.fd(), new_name.c_str(), 0) != 0) {
    return trouble("link", name, errno);
  }
  return {};
}

Result<void> HeldDirectory::rename(const std::string& name, const HeldDirectory& to,
                                   const std::string& new_name) const {
  if (!is_one_name(name) || !is_one_name(new_name)) {
    return trouble("rename", name, EINVAL);
  }
  if (::renameat(fd_.get(), name.c_str(), to.fd(), new_name.c_str()) != 0) {
    return trouble("rename", name, errno);
  }
  return {};
}

Result<void> HeldDirectory::remove_file(const std::string& name) const {
  if (!is_one_name(name)) {
    return trouble("remove", name, EINVAL);
  }
  if (::unlinkat(fd_.get(), name.c_str(), 0) != 0 && errno != ENOENT) {
    return trouble("remove", name, errno);
  }
  return {};
}

Result<void> HeldDirectory::remove_directory(const std::string& name) const {
  if (!is_one_name(name)) {
    return trouble("remove", name, EINVAL);
  }
  if (::unlinkat(fd_.get(), name.c_str(), AT_REMOVEDIR) != 0 && errno != ENOENT) {
    return trouble("remove", name, errno);
  }
  return {};
}

Result<void> HeldDirectory::remove_tree(const std::string& name) const {
  const auto found = status(name);
  if (!found || !*found) {
    return found ? Result<void>() : found.error();
  }
  if (!S_ISDIR((*found)->st_mode)) {
    return remove_file(name);
  }
  const auto inside = enter(name);
  if (!inside) {
    return inside.error();
  }
  const auto here = status();
  const auto there = inside->status();
  if (!here || !there || here->st_dev != there->st_dev) {
    return trouble("remove", name, EXDEV);
  }
  const auto entries = inside->names();
  if (!entries) {
    return entries.error();
  }
  for (const std::string& entry : *entries) {
    if (auto gone = inside->remove_tree(entry); !gone) {
      return gone;
    }
  }
  return remove_directory(name);
}

Result<void> HeldDirectory::sync() const {
  return sync_directory(fd_.get());
}

Result<HeldPlace> held_place(const std::string& path) {
  return held_place("", path);
}

Result<HeldPlace> held_place(const std::string& below, const std::string& path) {
  const std::size_t slash = path.rfind('/');
  if (slash == std::string::npos || !is_one_name(path.substr(slash + 1))) {
    return trouble("open", path, EINVAL);
  }
  auto directory = HeldDirectory::open(below.empty() ? "/" : below, path.substr(0, slash));
  if (!directory) {
    return directory.error();
  }
  return HeldPlace{std::move(*directory), path.substr(slash + 1)};
}

}  // namespace reqmail::sys
