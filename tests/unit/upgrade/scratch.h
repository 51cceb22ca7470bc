// A directory of a test's own, gone with it.
#pragma once

#include <stdlib.h>
#include <sys/stat.h>

#include <fstream>
#include <sstream>
#include <string>

#include "upgrade/disk.h"

namespace reqmail::tests {

class Scratch {
 public:
  Scratch() {
    char name[] = "/tmp/upgrade_tests.XXXXXX";
    path_ = ::mkdtemp(name);
  }

  ~Scratch() { (void)upgrade::remove_tree(path_); }

  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;

  [[nodiscard]] std::string operator()(const std::string& name) const {
    return path_ + "/" + name;
  }

  // A file with all directories above it.
  void put(const std::string& name, const std::string& content) const {
    const std::string path = (*this)(name);
    (void)upgrade::make_directories(path.substr(0, path.rfind('/')), 0755);
    std::ofstream(path) << content;
  }

  [[nodiscard]] std::string get(const std::string& name) const {
    std::ostringstream text;
    text << std::ifstream((*this)(name)).rdbuf();
    return text.str();
  }

  [[nodiscard]] bool has(const std::string& name) const {
    return upgrade::is_there((*this)(name));
  }

 private:
  std::string path_;
};

}  // namespace reqmail::tests
