// The file system that the queue code uses. It is an interface, so that unit tests can replace
// it by a file system that loses what was not synced (tests/unit/support/crash_files.h).
//
// Paths are relative to the queue directory. Failure.error is always the errno.
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/time.h"

namespace reqmail::queue {

struct FileStatus {
  std::uint64_t inode = 0;
  std::uint64_t size = 0;
  base::Time modified{};
  base::Time accessed{};
  uid_t owner = 0;
  bool directory = false;
  bool regular = true;
};

// An open file, which the destructor closes.
class File {
 public:
  File() = default;
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  virtual ~File() = default;

  // Writes all bytes at the current offset, or at the end of a file that was opened to append.
  virtual Result<void> write(std::string_view bytes) = 0;
  // Writes all bytes at `offset`, independent of the current offset.
  virtual Result<void> write_at(std::uint64_t offset, std::string_view bytes) = 0;
  // Returns the number of bytes read, 0 at the end.
  virtual Result<std::size_t> read(char* buffer, std::size_t size) = 0;
  // Calls fsync(2). A failure is final: the file must not be trusted even if a second call
  // succeeds.
  virtual Result<void> sync() = 0;
  // Tells the kernel that sync() will follow, so that it can begin to write. This makes nothing
  // durable.
  virtual void begin_writeback() = 0;
  // Returns the status of the file; for a file from open_read() it is that at the time of
  // opening.
  virtual Result<FileStatus> status() = 0;
};

// A directory that is open, so that many of its files can be examined; the destructor closes
// it.
class Directory {
 public:
  Directory() = default;
  Directory(const Directory&) = delete;
  Directory& operator=(const Directory&) = delete;
  virtual ~Directory() = default;

  virtual Result<FileStatus> status(const std::string& name) = 0;
};

class Files {
 public:
  Files() = default;
  Files(const Files&) = delete;
  Files& operator=(const Files&) = delete;
  virtual ~Files() = default;

  // Creates a file for writing; fails with EEXIST if the name exists.
  virtual Result<std::unique_ptr<File>> create(const std::string& path, mode_t mode) = 0;
  // The three functions that open existing files never wait: a FIFO, a socket and a device fail
  // with ENXIO.
  //
  // Opens a file for writing at its end.
  virtual Result<std::unique_ptr<File>> open_append(const std::string& path) = 0;
  virtual Result<std::unique_ptr<File>> open_write(const std::string& path) = 0;
  virtual Result<std::unique_ptr<File>> open_read(const std::string& path) = 0;

  virtual Result<void> link(const std::string& from, const std::string& to) = 0;
  // Replaces the name of a file by a new one; fails with EEXIST if that exists.
  virtual Result<void> rename(const std::string& from, const std::string& to) = 0;
  virtual Result<void> unlink(const std::string& path) = 0;
  // Makes the entries of a directory durable. EINVAL counts as success, since some file systems
  // return it for directories.
  virtual Result<void> sync_directory(const std::string& path) = 0;

  virtual Result<FileStatus> status(const std::string& path) = 0;
  // Returns the names in a directory, without "." and "..".
  virtual Result<std::vector<std::string>> list(const std::string& path) = 0;
  virtual Result<std::unique_ptr<Directory>> open_directory(const std::string& path) = 0;
  // Sets the times of last modification and last access.
  virtual Result<void> set_times(const std::string& path, base::Time time) = 0;
};

// Removes a file; succeeds if it does not exist.
Result<void> remove_if_there(Files& files, const std::string& path);

// Reads an open file in pieces. It knows the end from the file's size, so it needs no call that
// only finds end of file.
class PieceReader {
 public:
  explicit PieceReader(File& file);

  // Appends at most `most` bytes to the text. Returns whether there may be more.
  Result<bool> append(std::string& text, std::size_t most);

 private:
  File* file_;
  // The rest of the size that the file had at the beginning.
  std::uint64_t left_;
};

// Returns the rest of a file from its current offset on, or a whole file.
Result<std::string> read_all(File& file);
Result<std::string> read_all(Files& files, const std::string& path);

}  // namespace reqmail::queue
