// Getting data to disk where POSIX has no call for it.
#pragma once

namespace reqmail::compat {

// A hint that the file will be synced soon: the system may begin to write. Nothing is durable
// by it.
void start_writing(int fd);

// Makes everything on the file system of an open file durable. False with errno on failure.
bool sync_file_system(int fd);

}  // namespace reqmail::compat
