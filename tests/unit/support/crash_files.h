// A file system in memory that forgets. It records every change that the code under test makes,
// and then shows each state that a power cut at any point may leave: unsynced data whole, half
// or gone, unsynced names there or not.
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

// How names survive that no fsync covers.
enum class NameModel {
  // In the order of the changes, and any fsync commits all before it: ext4, xfs.
  ordered,
  // Each on its own; fsync of its directory alone commits a name: what POSIX promises.
  strict,
};

// Path and content of each file after a power cut.
using DiskState = std::map<std::string, std::string>;

class CrashFiles final : public queue::Files {
 public:
  CrashFiles() = default;
  // A disk on which all of `state` is durable.
  explicit CrashFiles(const DiskState& state);

  Result<std::unique_ptr<queue::File>> create(const std::string& path, mode_t mode) override;
  Result<std::unique_ptr<queue::File>> open_append(const std::string& path) override;
  Result<std::unique_ptr<queue::File>> open_write(const std::string& path) override;
  Result<std::unique_ptr<queue::File>> open_read(const std::string& path) override;
  Result<void> link(const std::string& from, const std::string& to) override;
  Result<void> unlink(const std::string& path) override;
  Result<void> sync_directory(const std::string& path) override;
  Result<queue::FileStatus> status(const std::string& path) override;
  Result<std::vector<std::string>> list(const std::string& path) override;
  Result<void> set_times(const std::string& path, base::Time time) override;

  // The next inode number that create() gives out.
  void next_inode(std::uint64_t number) { next_inode_ = number; }

  // The age that status() tells of every file.
  void set_accessed(base::Time time) { accessed_ = time; }

  // The call number `index` (create, write, sync, link, unlink, sync_directory; counted from 0)
  // fails with `error` and changes nothing; a negative index: none does.
  void fail_call(int index, int error) {
    failing_ = index;
    error_ = error;
  }

  // The sync number `index` (of a file or a directory, counted from 0) succeeds without an
  // effect: bait for the tests.
  void drop_sync(int index) { dropped_sync_ = index; }

  [[nodiscard]] int calls() const { return calls_; }

  [[nodiscard]] int syncs() const { return syncs_; }

  // What a running system sees.
  [[nodiscard]] DiskState now() const;

  // How many changes and syncs were recorded so far.
  [[nodiscard]] std::size_t recorded() const { return log_.size(); }

  // Calls `visit` with every state that a power cut may leave after the first `prefix` records.
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
    // sync_file: how many of the inode's writes it makes durable.
    std::size_t writes = 0;
  };

  class Handle;
  struct Replay;

  static std::string content(const Inode& inode, std::size_t writes, bool half);
  static std::string directory_of(const std::string& path);

  // Counts a call; the error it must fail with, else 0.
  int call();
  void record_sync(Record record);
  Result<InodeRef> find(const std::string& path) const;

  std::map<std::string, InodeRef> names_;
  std::map<std::string, InodeRef> initial_;
  std::vector<Record> log_;
  std::uint64_t next_inode_ = 1000;
  base::Time accessed_{};
  int calls_ = 0;
  int failing_ = -1;
  int syncs_ = 0;
  int dropped_sync_ = -1;
  int error_ = 0;
};

}  // namespace reqmail::testing
