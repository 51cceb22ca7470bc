// Opens, reads and syncs files.
#pragma once

#include <sys/stat.h>
#include <sys/types.h>

#include <cstddef>
#include <cstdint>
#include <string>

#include "base/result.h"
#include "sys/fd.h"

namespace reqmail::sys {

// All of these open close-on-exec; Failure.error is the errno. The umask applies to the `mode`
// of created files.
Result<Fd> open_read(const std::string& path);
// Like open_read(), but does not wait for a writer if the path is a FIFO.
Result<Fd> open_read_nonblocking(const std::string& path);
// These never wait, and they open only files on which reading, writing and syncing cannot
// block: a FIFO, a socket and a device fail with ENXIO. open_regular_read() also opens a
// directory (read_some() fails then) and the null device.
Result<Fd> open_regular_read(const std::string& path);
Result<Fd> open_regular_write(const std::string& path);
Result<Fd> open_regular_append(const std::string& path);
Result<Fd> open_regular_read_write(const std::string& path);
// Like open_read_nonblocking(), but if the system allows it, the time of last access is not
// changed.
Result<Fd> open_read_quietly(const std::string& path);
Result<Fd> open_write(const std::string& path);
Result<Fd> open_write_nonblocking(const std::string& path);
Result<Fd> open_read_write(const std::string& path);
Result<Fd> open_append(const std::string& path, mode_t mode);
// Like open_append(), but does not wait for a reader if the path is a FIFO (ENXIO without one).
Result<Fd> open_append_nonblocking(const std::string& path, mode_t mode);
Result<Fd> open_truncated(const std::string& path, mode_t mode);
// Fails with EEXIST if the name exists.
Result<Fd> create_exclusive(const std::string& path, mode_t mode);
// Does the same, and opens the file for reading too.
Result<Fd> create_exclusive_read_write(const std::string& path, mode_t mode);
Result<Fd> open_directory(const std::string& path);

// Returns the whole file; more than `limit` bytes are a permanent Failure with error EMSGSIZE.
Result<std::string> read_file(const std::string& path, std::size_t limit);
// The same for files that open_regular_read() opens.
Result<std::string> read_regular_file(const std::string& path, std::size_t limit);

// Calls fsync(2). A failure is final for that file: a caller must not try again and report
// success.
Result<void> sync(int fd);

// Tells the kernel that sync() will follow, so that it can begin to write. This makes nothing
// durable.
void start_writing(int fd);

// Makes the entries of a directory durable. EINVAL counts as success, since some file systems
// return it for directories.
Result<void> sync_directory(const std::string& path);
// The same for an open directory.
Result<void> sync_directory(int fd);

// Makes the whole file system of an open file durable, for directories that may be written but
// not opened.
Result<void> sync_file_system(int fd);

// Replaces `path` by a file with `content`, so that after a crash the old or the new file
// exists: writes the temporary file `path`.tmp, syncs it, renames it and syncs the directory.
Result<void> replace_file(const std::string& path, const std::string& content, mode_t mode);

Result<struct ::stat> status(const std::string& path);
Result<struct ::stat> link_status(const std::string& path);
Result<struct ::stat> status(int fd);

Result<void> change_directory(const std::string& path);

Result<void> rename_file(const std::string& from, const std::string& to);

// Renames a file; fails with EEXIST if there is a file `to`. Where the file system cannot do
// this in one step, the file has both names for a moment, and keeps both if the process is
// killed in it.
Result<void> rename_to_new(const std::string& from, const std::string& to);

Result<void> remove_file(const std::string& path);

// Sets the permission bits that files created from now on do not get.
void set_umask(mode_t mask);

// Returns the directory part of a path, or "." if it has none.
std::string directory_of(const std::string& path);

}  // namespace reqmail::sys
