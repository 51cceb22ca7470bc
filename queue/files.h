// What the queue code asks of the file system. An interface, so that the unit tests can put a
// file system below it that forgets what was not synced (tests/unit/support/crash_files.h).
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

// An open file; closed when it goes.
class File {
 public:
  File() = default;
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  virtual ~File() = default;

  // Writes all of it at the current place (at the end of a file opened to append).
  virtual Result<void> write(std::string_view bytes) = 0;
  // Writes all of it at `offset`, wherever the current place is.
  virtual Result<void> write_at(std::uint64_t offset, std::string_view bytes) = 0;
  // The bytes read, 0 at the end.
  virtual Result<std::size_t> read(char* buffer, std::size_t size) = 0;
  // fsync(2). A failure is final: the file must not be synced again and then be trusted.
  virtual Result<void> sync() = 0;
  // A hint that sync() will come: the kernel may begin to write. Nothing is durable by it.
  virtual void begin_writeback() = 0;
  // Of a file that open_read() has opened: as it was at that moment.
  virtual Result<FileStatus> status() = 0;
};

// A directory that is held open, so that many of its files can be looked at; closed when it
// goes.
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

  // For writing; fails with EEXIST where the name is taken.
  virtual Result<std::unique_ptr<File>> create(const std::string& path, mode_t mode) = 0;
  // The three that open what is there never wait: a FIFO, a socket and a device fail with
  // ENXIO.
  //
  // For writing at the end of a file that is there.
  virtual Result<std::unique_ptr<File>> open_append(const std::string& path) = 0;
  virtual Result<std::unique_ptr<File>> open_write(const std::string& path) = 0;
  virtual Result<std::unique_ptr<File>> open_read(const std::string& path) = 0;

  virtual Result<void> link(const std::string& from, const std::string& to) = 0;
  virtual Result<void> unlink(const std::string& path) = 0;
  // Makes the entries of a directory durable. EINVAL, which some file systems answer for
  // directories, is success.
  virtual Result<void> sync_directory(const std::string& path) = 0;

  virtual Result<FileStatus> status(const std::string& path) = 0;
  // The names in a directory, without "." and "..".
  virtual Result<std::vector<std::string>> list(const std::string& path) = 0;
  virtual Result<std::unique_ptr<Directory>> open_directory(const std::string& path) = 0;
  // Sets the time of modification and of access.
  virtual Result<void> set_times(const std::string& path, base::Time time) = 0;
};

// Removes a file; one that is not there is as good as removed.
Result<void> remove_if_there(Files& files, const std::string& path);

// Reads an open file in pieces. It knows from the file's size where the end is and so needs no
// call that only finds nothing there.
class PieceReader {
 public:
  explicit PieceReader(File& file);

  // Appends the next bytes, `most` at most, to the text. Returns whether there may be more.
  Result<bool> append(std::string& text, std::size_t most);

 private:
  File* file_;
  // Of the size at the beginning.
  std::uint64_t left_;
};

// The whole of a file, from its current place on.
Result<std::string> read_all(File& file);
Result<std::string> read_all(Files& files, const std::string& path);

}  // namespace reqmail::queue
