// What tests of deliveries share: a home directory that goes when the test ends, and files.
#pragma once

#include <string>
#include <vector>

#include "sys/fd.h"

namespace reqmail::local {

class TemporaryHome {
 public:
  // Makes the directory and enters it.
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

// The content of a file; "<none>" where it can't be read.
std::string content_of(const std::string& name);

std::vector<std::string> names_in(const std::string& directory);

void make_maildir(const std::string& name);

// An open message, positioned at its end.
sys::Fd message_with(const std::string& content);

// Whether the tests run as a user whom file modes do not bind.
bool is_root();

}  // namespace reqmail::local
