#include "compat/file_watch.h"

#if defined(__linux__)
#include <limits.h>
#include <sys/inotify.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdint>
#include <utility>
#endif

namespace reqmail::compat {

#if defined(__linux__)

namespace {

constexpr unsigned kLinksMax = 16;

// A file that is replaced loses a link, which is a change of its attributes.
constexpr std::uint32_t kLinkEvents = IN_ATTRIB | IN_MOVE_SELF | IN_DELETE_SELF;

// Returns where the symbolic link leads; empty if it is none.
std::string target_of(const std::string& path) {
  std::array<char, PATH_MAX> target;
  const ssize_t length = ::readlink(path.c_str(), target.data(), target.size());
  if (length <= 0) {
    return {};
  }
  std::string found(target.data(), static_cast<std::size_t>(length));
  return found.front() == '/' ? found : path.substr(0, path.rfind('/') + 1) + found;
}

// Watches a file that is no link. If there is none, it may be made or come from elsewhere, and
// that may have happened just now.
bool watch_end(int watch, const std::string& path) {
  const auto is_watched = [watch](const std::string& one, std::uint32_t events) {
    return ::inotify_add_watch(watch, one.c_str(), events) >= 0;
  };
  if (is_watched(path, kLinkEvents | IN_MODIFY)) {
    return true;
  }
  const std::string directory = path.substr(0, path.rfind('/') + 1);
  const bool waits = errno == ENOENT && is_watched(directory, IN_CREATE | IN_MOVED_TO);
  return waits && (is_watched(path, kLinkEvents | IN_MODIFY) || errno == ENOENT);
}

}  // namespace

int make_watch() {
  return ::inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
}

bool watch_file(int watch, std::string path) {
  for (unsigned links = 0; links < kLinksMax; ++links) {
    std::string target = target_of(path);
    if (target.empty()) {
      return watch_end(watch, path);
    }
    if (::inotify_add_watch(watch, path.c_str(), kLinkEvents | IN_DONT_FOLLOW) < 0) {
      return false;
    }
    path = std::move(target);
  }
  return false;
}

#else

int make_watch() {
  return -1;
}

bool watch_file(int /*watch*/, std::string /*path*/) {
  return false;
}

#endif

}  // namespace reqmail::compat
