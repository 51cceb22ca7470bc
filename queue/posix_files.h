// The queue's files on a real file system, with paths relative to the current directory.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "queue/files.h"
#include "sys/fd.h"

namespace reqmail::queue {

class PosixFiles final : public Files {
 public:
  // Keeps a directory open for sync_directory(), as far as descriptors allow; the path must
  // mean the same directory for as long as this object exists. No thread may use the object
  // meanwhile.
  void keep_open(const std::string& path);

  Result<std::unique_ptr<File>> create(const std::string& path, mode_t mode) override;
  Result<std::unique_ptr<File>> open_append(const std::string& path) override;
  Result<std::unique_ptr<File>> open_write(const std::string& path) override;
  Result<std::unique_ptr<File>> open_read(const std::string& path) override;
  Result<void> link(const std::string& from, const std::string& to) override;
  Result<void> rename(const std::string& from, const std::string& to) override;
  Result<void> unlink(const std::string& path) override;
  Result<void> sync_directory(const std::string& path) override;
  Result<FileStatus> status(const std::string& path) override;
  Result<std::vector<std::string>> list(const std::string& path) override;
  Result<std::unique_ptr<Directory>> open_directory(const std::string& path) override;
  Result<void> set_times(const std::string& path, base::Time time) override;

 private:
  std::map<std::string, sys::Fd> kept_;
};

}  // namespace reqmail::queue
