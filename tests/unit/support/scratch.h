// A temporary directory of a test, which is removed at its end.
#pragma once

#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

namespace reqmail::tests {

class Scratch {
 public:
  Scratch() {
    char name[] = "/tmp/reqmail_tests.XXXXXX";
    path_ = ::mkdtemp(name);
  }

  ~Scratch() { (void)std::filesystem::remove_all(path_); }

  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;

  [[nodiscard]] std::string operator()(const std::string& name) const {
    return name.empty() ? path_ : path_ + "/" + name;
  }

  // Makes a directory and all directories above it.
  void make_folder(const std::string& name) const {
    std::filesystem::create_directories((*this)(name));
  }

  // Writes a file, makes all directories above it, and returns its path.
  std::string put(const std::string& name, const std::string& content) const {
    std::string path = (*this)(name);
    std::filesystem::create_directories(path.substr(0, path.rfind('/')));
    std::ofstream(path) << content;
    return path;
  }

  [[nodiscard]] std::string get(const std::string& name) const {
    std::ostringstream text;
    text << std::ifstream((*this)(name)).rdbuf();
    return text.str();
  }

  [[nodiscard]] bool has(const std::string& name) const {
    return std::filesystem::symlink_status((*this)(name)).type() !=
           std::filesystem::file_type::not_found;
  }

 private:
  std::string path_;
};

}  // namespace reqmail::tests
