// A program that a test has started; the destructor ends it.
#pragma once

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>

namespace reqmail::tests {

class StartedProgram {
 public:
  // Runs `path` with one argument in `folder`, and returns when it has begun.
  StartedProgram(const std::string& path, const std::string& folder) {
    const std::string name = std::filesystem::path(path).filename();
    pid_ = ::fork();
    if (pid_ == 0) {
      if (::chdir(folder.c_str()) == 0) {
        ::execl(path.c_str(), path.c_str(), "600", nullptr);
      }
      ::_exit(111);
    }
    for (int count = 0; count < 2000 && name_of_process() != name; ++count) {
      ::usleep(10000);
    }
  }

  ~StartedProgram() {
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
  }

  StartedProgram(const StartedProgram&) = delete;
  StartedProgram& operator=(const StartedProgram&) = delete;

  [[nodiscard]] pid_t pid() const { return pid_; }

 private:
  [[nodiscard]] std::string name_of_process() const {
    std::string name;
    std::getline(std::ifstream("/proc/" + std::to_string(pid_) + "/comm"), name);
    return name;
  }

  pid_t pid_ = -1;
};

}  // namespace reqmail::tests
