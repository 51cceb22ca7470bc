#include "upgrade/places.h"

#include "base/text.h"

namespace reqmail::upgrade {

namespace {

constexpr std::string_view kStagedPrefix = ".";
constexpr std::string_view kStagedSuffix = ".qmail-upgrade";

}  // namespace

std::string Places::program(std::string_view name) const {
  return base::concat({home_, "/bin/", name});
}

std::string Places::old_of(const std::string& target) const {
  const std::string folder = bin() + "/";
  if (target.compare(0, folder.size(), folder) == 0) {
    return base::concat({old_bin(), "/", target.substr(folder.size())});
  }
  return old_files() + target;
}

std::string staged_name(const std::string& target) {
  const std::size_t name = target.rfind('/') + 1;
  return base::concat({std::string_view(target).substr(0, name), kStagedPrefix,
                       std::string_view(target).substr(name), kStagedSuffix});
}

}  // namespace reqmail::upgrade
