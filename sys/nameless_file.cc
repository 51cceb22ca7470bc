#include "sys/nameless_file.h"

#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <utility>

#include "base/number.h"
#include "base/text.h"
#include "sys/clock.h"
#include "sys/env.h"
#include "sys/error.h"
#include "sys/file.h"

namespace reqmail::sys {

namespace {

constexpr mode_t kOwnerOnly = 0600;
// The number of names that are tried in a directory.
constexpr std::uint64_t kNamesTried = 16;

Result<Fd> make_in(const std::string& directory, std::string_view program) {
  const auto now = static_cast<std::uint64_t>(precise_now().microseconds);
  Result<Fd> file = system_failure(directory, ENOENT);
  for (std::uint64_t i = 0; i < kNamesTried; ++i) {
    const std::string path = base::concat(
        {directory, "/", program, ".", base::decimal(static_cast<std::uint64_t>(::getpid())),
         ".", base::decimal(now), ".", base::decimal(i)});
    file = create_exclusive_read_write(path, kOwnerOnly);
    if (file) {
      auto removed = remove_file(path);
      return removed ? std::move(file) : Result<Fd>(removed.error());
    }
    if (file.error().error != EEXIST) {
      break;
    }
  }
  return file;
}

}  // namespace

std::vector<std::string> temporary_directories() {
  std::vector<std::string> directories;
  if (auto chosen = environment_value("TMPDIR"); chosen && chosen->starts_with('/')) {
    directories.push_back(std::move(*chosen));
  }
  directories.emplace_back("/var/tmp");
  directories.emplace_back("/tmp");
  return directories;
}

Result<Fd> make_nameless_file(std::string_view program) {
  Result<Fd> file = system_failure("no directory", ENOENT);
  for (const std::string& directory : temporary_directories()) {
    file = make_in(directory, program);
    if (file) {
      break;
    }
  }
  return file;
}

}  // namespace reqmail::sys
