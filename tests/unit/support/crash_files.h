// A file system in memory for crash tests. It records every change of the code under test and
// then gives each state that a power failure at any point may leave: unsynced data are
// complete, incomplete or lost, and unsynced names exist or not.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "queue/files.h"

namespace reqmail::testing {

// Which names survive without an fsync.
enum class NameModel {
  // Names survive in the order of the changes, and an fsync commits all changes before it, as
  // in
  // ext4 and xfs.
  ordered,
  // Each name survives or not by itself; only an fsync of its directory commits it, as in
  // POSIX.
  strict,
};

// The path and the contents of each file after a power failure.
using DiskState = std::map<std::string, std::string>;

class CrashFiles final : public queue::Files {
 public:
  CrashFiles() = default;
  // Makes a disk on which all of `state` is durable.
  explicit CrashFiles(const DiskState& state);

  Result<std::unique_ptr<queue::File>> create(const std::string& path, mode_t mode) override;
  Result<std::unique_ptr<queue::File>> open_append(const std::string& path) override;
  Result<std::unique_ptr<queue::File>> open_write(const std::string& path) override;
  Result<std::unique_ptr<queue::File>> open_read(const std::string& path) override;
  Result<void> link(const std::string& from, const std::string& to) override;
  Result<void> rename(const std::string& from, const std::string& to) override;
  Result<void> unlink(const std::string& path) override;
  Result<void> sync_directory(const std::string& path) override;
  Result<queue::FileStatus> status(const std::string& path) override;
  Result<std::vector<std::string>> list(const std::string& path) override;
  Result<std::unique_ptr<queue::Directory>> open_directory(const std::string& path) override;
  Result<void> set_times(const std::string& path, base::Time time) override;

  // Sets the inode number of the next create().
  void next_inode(std::uint64_t number) { next_inode_ = number; }

  // Sets the age that status() returns for every file.
  void set_accessed(base::Time time) { accessed_ = time; }

  // The call number `index` (create, write, sync, link, rename, unlink, sync_directory; counted
  // from 0) fails with `error` and changes nothing. With a negative index no call fails.
  void fail_call(int index, int error) {
    failing_ = index;
    error_ = error;
  }

  // The sync number `index` (of a file or a directory, counted from 0) succeeds without an
  // effect. This is a bait for the tests.
  void drop_sync(int index) { dropped_sync_ = index; }

  // Returns how many files and directories have been examined.
  [[nodiscard]] int looks() const { return looks_; }

  [[nodiscard]] int calls() const { return calls_; }

  [[nodiscard]] int syncs() const { return syncs_; }

  // Returns the state that a running system sees.
  [[nodiscard]] DiskState now() const;

  // Returns the number of changes and syncs recorded so far.
  [[nodiscard]] std::size_t recorded() const { return log_.size(); }

  // Calls `visit` with every state that a power failure may leave after the first `prefix`
  // records.
  void for_each_crash(std::size_t prefix, NameModel model,
                      const std::function<void(const DiskState&)>& visit) const;

 private:
  struct Write {
    std::uint64_t offset;
    std::string bytes;
  };

  struct Inode {
    std::uint64_t number;
    std::vector<Write> writes;
  };

  using InodeRef = std::shared_ptr<Inode>;

  struct Record {
    enum class Kind { add, remove, write, sync_file, sync_directory } kind;
    std::string path;
    InodeRef inode;
    // For sync_file: the number of the inode's writes that it makes durable.
    std::size_t writes = 0;
  };

  class Handle;
  class OpenDirectory;
  struct Replay;

  static std::string content(const Inode& inode, std::size_t writes, bool half);
  static std::string directory_of(const std::string& path);

  // Counts a call. Returns the error with which it must fail, else 0.
  int call();
  void record_sync(Record record);
  Result<InodeRef> find(const std::string& path) const;

  std::map<std::string, InodeRef> names_;
  std::map<std::string, InodeRef> initial_;
  std::vector<Record> log_;
  std::uint64_t next_inode_ = 1000;
  base::Time accessed_{};
  int calls_ = 0;
  int looks_ = 0;
  int failing_ = -1;
  int syncs_ = 0;
  int dropped_sync_ = -1;
  int error_ = 0;
};

}  // namespace reqmail::testing
