#include "spawn/known_remote.h"

#include <utility>

#include "base/text.h"
#include "config.h"
#include "sys/own_program.h"
#include "sys/process.h"

namespace reqmail::spawn {

namespace {

constexpr const char* kVariable = "QMAILREMOTEFILE";

}  // namespace

std::optional<sys::FileVersion> look_at_remote(std::string mark) {
  auto path = sys::program_path("qmail-remote");
  if (!path) {
    return std::nullopt;
  }
  sys::OwnProgram program(*std::move(path), std::move(mark));
  return program.is_there() ? program.version() : std::nullopt;
}

void tell_of_remote(const std::optional<sys::FileVersion>& version,
                    sys::Environment& environment) {
  if (version) {
    environment.set(kVariable, base::concat({sys::to_text(*version), config::kVersion}));
  } else {
    environment.unset(kVariable);
  }
}

// Another release knows another program by its mark.
std::optional<sys::FileVersion> take_known_remote() {
  const auto value = sys::take_environment_value(kVariable);
  if (!value || !value->ends_with(config::kVersion)) {
    return std::nullopt;
  }
  return sys::parse_file_version(
      std::string_view(*value).substr(0, value->size() - config::kVersion.size()));
}

}  // namespace reqmail::spawn
