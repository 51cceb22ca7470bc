#include "tests/unit/support/private_home.h"

#include <sched.h>
#include <sys/mount.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <system_error>

#include "config.h"

namespace reqmail::tests {

namespace {

namespace fs = std::filesystem;

bool put(const char* path, const std::string& text) {
  std::ofstream file(path);
  file << text << std::flush;
  return file.good();
}

// Other users than root mount things in a user namespace, in which they keep their numbers.
bool unshare_mounts() {
  if (::getuid() == 0) {
    return ::unshare(CLONE_NEWNS) == 0;
  }
  const std::string uid = std::to_string(::getuid());
  const std::string gid = std::to_string(::getgid());
  return ::unshare(CLONE_NEWUSER | CLONE_NEWNS) == 0 && put("/proc/self/setgroups", "deny") &&
         put("/proc/self/uid_map", uid + " " + uid + " 1") &&
         put("/proc/self/gid_map", gid + " " + gid + " 1");
}

bool enter() {
  const fs::path home(config::kHome);
  // The lowest directory that is there gets an empty file system. It must be none that tests
  // keep their files in.
  fs::path place = home;
  while (!fs::exists(place)) {
    place = place.parent_path();
  }
  std::error_code error;
  return place != "/" && place != "/tmp" && unshare_mounts() &&
         ::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0 &&
         ::mount("home", place.c_str(), "tmpfs", 0, "mode=755") == 0 &&
         (home == place || fs::create_directories(home, error));
}

}  // namespace

bool enter_private_home() {
  static const bool entered = enter();
  return entered;
}

}  // namespace reqmail::tests
