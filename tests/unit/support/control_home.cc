#include "tests/unit/support/control_home.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>

namespace reqmail::tests {

namespace {

void make_directory(const std::string& path) {
  if (::mkdir(path.c_str(), 0755) != 0) {
    std::abort();
  }
}

}  // namespace

ControlHome::ControlHome() {
  make_directory("control");
}

void ControlHome::control(const std::string& name, std::string_view text) const {
  testing::put_file(home() + "/control/" + name, std::string(text), 0644);
}

void ControlHome::make_unreadable(const std::string& name) const {
  const std::string path = home() + "/control/" + name;
  (void)::unlink(path.c_str());
  make_directory(path);
}

}  // namespace reqmail::tests
