// A temporary directory for a test that works on real files.
#pragma once

#include <string>
#include <vector>

namespace reqmail::testing {

class TemporaryHome {
 public:
  // Makes the directory and changes to it.
  TemporaryHome();
  TemporaryHome(const TemporaryHome&) = delete;
  TemporaryHome& operator=(const TemporaryHome&) = delete;
  ~TemporaryHome();

  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  std::string path_;
  std::string old_directory_;
};

void put_file(const std::string& name, const std::string& content, unsigned mode = 0600);

// Returns the contents of a file; "<none>" if it cannot be read.
std::string content_of(const std::string& name);

std::vector<std::string> names_in(const std::string& directory);

}  // namespace reqmail::testing
