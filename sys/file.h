// Opening, reading and syncing of files.
#pragma once

#include <sys/stat.h>
#include <sys/types.h>

#include <cstddef>
#include <cstdint>
#include <string>

#include "base/result.h"
#include "sys/fd.h"

namespace reqmail::sys {

// Each opens close-on-exec; Failure.error is the errno. `mode` of created files is subject to
// the umask.
Result<Fd> open_read(const std::string& path);
// As open_read, but never waits for a writer where the path is a FIFO.
Result<Fd> open_read_nonblocking(const std::string& path);
// These never wait and take only what reading, writing and syncing cannot hang on: a FIFO, a
// socket and a device fail with ENXIO. To read, a directory (read_some() fails then) and the
// null device are fine.
Result<Fd> open_regular_read(const std::string& path);
Result<Fd> open_regular_write(const std::string& path);
Result<Fd> open_regular_append(const std::string& path);
Result<Fd> open_regular_read_write(const std::string& path);
// As open_read_nonblocking, and where that is allowed the file keeps its time of access.
Result<Fd> open_read_quietly(const std::string& path);
Result<Fd> open_write(const std::string& path);
Result<Fd> open_write_nonblocking(const std::string& path);
Result<Fd> open_read_write(const std::string& path);
Result<Fd> open_append(const std::string& path, mode_t mode);
// As open_append, but never waits for a reader where the path is a FIFO (ENXIO without one).
Result<Fd> open_append_nonblocking(const std::string& path, mode_t mode);
Result<Fd> open_truncated(const std::string& path, mode_t mode);
// Fails with EEXIST where the name is taken.
Result<Fd> create_exclusive(const std::string& path, mode_t mode);
// The same, to be read as well.
Result<Fd> create_exclusive_read_write(const std::string& path, mode_t mode);
Result<Fd> open_directory(const std::string& path);

// The whole file; more than `limit` bytes is a permanent Failure with error EMSGSIZE.
Result<std::string> read_file(const std::string& path, std::size_t limit);
// The same for what open_regular_read() takes.
Result<std::string> read_regular_file(const std::string& path, std::size_t limit);

// fsync(2). A failure is final for that file: never try again and report success.
Result<void> sync(int fd);

// A hint that sync() will come: the kernel may begin to write. Nothing is durable by it.
void start_writing(int fd);

// Makes the entries of a directory durable. EINVAL, which some file systems answer for
// directories, is success.
Result<void> sync_directory(const std::string& path);
// The same for an open directory.
Result<void> sync_directory(int fd);

// Makes everything on the file system of an open file durable: for directories that may be
// written but not opened.
Result<void> sync_file_system(int fd);

// Replaces `path` by `content` so that a crash leaves the old or the new file: temporary file
// `path`.tmp, fsync, rename, fsync of the directory.
Result<void> replace_file(const std::string& path, const std::string& content, mode_t mode);

Result<struct ::stat> status(const std::string& path);
Result<struct ::stat> link_status(const std::string& path);
Result<struct ::stat> status(int fd);

Result<void> change_directory(const std::string& path);

Result<void> rename_file(const std::string& from, const std::string& to);

Result<void> remove_file(const std::string& path);

// Permission bits that files created from now on do not get.
void set_umask(mode_t mask);

// The directory part of a path: "." where it has none.
std::string directory_of(const std::string& path);

}  // namespace reqmail::sys
