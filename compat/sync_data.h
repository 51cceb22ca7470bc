// Writes data to disk in ways for which POSIX has no call.
#pragma once

namespace reqmail::compat {

// Tells the system that the file will be synced soon, so that it can begin to write. This makes
// nothing durable.
void start_writing(int fd);

// Makes the whole file system of an open file durable. Returns false with errno on failure.
bool sync_file_system(int fd);

}  // namespace reqmail::compat
