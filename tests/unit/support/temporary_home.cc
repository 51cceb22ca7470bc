#include "tests/unit/support/temporary_home.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>

#include "sys/directory.h"
#include "sys/file.h"
#include "sys/stream.h"

namespace reqmail::testing {

namespace {

void remove_tree(const std::string& path) {
  (void)::chmod(path.c_str(), 0700);
  for (const std::string& name : names_in(path)) {
    const std::string entry = path + "/" + name;
    const auto status = sys::link_status(entry);
    if (status && S_ISDIR(status->st_mode)) {
      remove_tree(entry);
    } else {
      (void)::unlink(entry.c_str());
    }
  }
  (void)::rmdir(path.c_str());
}

}  // namespace

TemporaryHome::TemporaryHome() {
  char directory[4096] = {};
  old_directory_ = ::getcwd(directory, sizeof directory - 1) == nullptr ? "/" : directory;
  char name[] = "/tmp/reqmail-home-XXXXXX";
  path_ = ::mkdtemp(name) == nullptr ? "/nonexistent" : name;
  if (::chdir(path_.c_str()) != 0) {
    std::abort();
  }
}

TemporaryHome::~TemporaryHome() {
  (void)!::chdir(old_directory_.c_str());
  remove_tree(path_);
}

void put_file(const std::string& name, const std::string& content, unsigned mode) {
  (void)::unlink(name.c_str());
  auto file = sys::open_truncated(name, 0600);
  if (!file || !sys::write_all(file->get(), content) ||
      ::chmod(name.c_str(), static_cast<mode_t>(mode)) != 0) {
    std::abort();
  }
}

std::string content_of(const std::string& name) {
  return sys::read_file(name, std::size_t{1} << 30).value_or("<none>");
}

std::vector<std::string> names_in(const std::string& directory) {
  auto names = sys::list_directory(directory).value_or({});
  std::sort(names.begin(), names.end());
  return names;
}

}  // namespace reqmail::testing
