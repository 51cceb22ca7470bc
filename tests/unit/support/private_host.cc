#include "tests/unit/support/private_host.h"

#include <net/if.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <system_error>

#include "config.h"
#include "sys/fd.h"

namespace reqmail::tests {

namespace {

namespace fs = std::filesystem;

bool put(const char* path, const std::string& text) {
  std::ofstream file(path);
  file << text << std::flush;
  return file.good();
}

bool make_mounts_private() {
  return ::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0;
}

bool mount_empty(const std::string& place) {
  return ::mount("empty", place.c_str(), "tmpfs", 0, "mode=755") == 0;
}

// Other users than root mount things in a user namespace, in which they keep their numbers.
bool unshare_mounts(int more = 0) {
  if (::getuid() == 0) {
    return ::unshare(CLONE_NEWNS | more) == 0 && make_mounts_private();
  }
  const std::string uid = std::to_string(::getuid());
  const std::string gid = std::to_string(::getgid());
  return ::unshare(CLONE_NEWUSER | CLONE_NEWNS | more) == 0 &&
         put("/proc/self/setgroups", "deny") &&
         put("/proc/self/uid_map", uid + " " + uid + " 1") &&
         put("/proc/self/gid_map", gid + " " + gid + " 1") && make_mounts_private();
}

bool enter() {
  const fs::path home(config::kHome);
  // The lowest existing directory gets an empty file system. It must not be one in which tests
  // keep their files.
  fs::path place = home;
  while (!fs::exists(place)) {
    place = place.parent_path();
  }
  std::error_code error;
  return place != "/" && place != "/tmp" && unshare_mounts() && mount_empty(place) &&
         (home == place || fs::create_directories(home, error));
}

bool raise_loopback() {
  const sys::Fd socket(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  ifreq request = {};
  request.ifr_name[0] = 'l';
  request.ifr_name[1] = 'o';
  request.ifr_flags = IFF_UP | IFF_RUNNING;
  return ::ioctl(socket.get(), SIOCSIFFLAGS, &request) == 0;
}

}  // namespace

bool enter_private_network(const std::string& resolv_conf) {
  return unshare_mounts(CLONE_NEWNET) && raise_loopback() && mount_empty("/etc") &&
         put("/etc/resolv.conf", resolv_conf);
}

bool enter_private_home() {
  static const bool entered = enter();
  return entered;
}

}  // namespace reqmail::tests
