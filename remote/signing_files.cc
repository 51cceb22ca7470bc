#include "remote/signing_files.h"

#include <algorithm>
#include <cerrno>
#include <iterator>

#include "base/text.h"
#include "sys/env.h"
#include "sys/file.h"

namespace reqmail::remote {

namespace {

constexpr std::string_view kDkimFiles[] = {"domainkeys", "dkimkeys", "dkimdomains"};

}  // namespace

bool wants_signing(const std::function<bool(std::string_view name)>& is_there) {
  if (is_there("arcseal")) {
    return true;
  }
  return !sys::environment_value("NODKIM") &&
         std::any_of(std::begin(kDkimFiles), std::end(kDkimFiles), is_there);
}

bool is_control_file_there(std::string_view home, std::string_view name) {
  const auto found =
      sys::status(base::concat({home, home.empty() ? "" : "/", "control/", name}));
  return found || (found.error().error != ENOENT && found.error().error != ENOTDIR);
}

}  // namespace reqmail::remote
