#include "srs/settings.h"

#include <algorithm>
#include <cerrno>
#include <string_view>
#include <utility>

#include "base/narrow.h"
#include "base/text.h"
#include "control/files.h"
#include "control/reader.h"
#include "sys/error.h"

namespace reqmail::srs {

namespace {

// A hash in base 64, without the sign at its end.
constexpr std::uint64_t kHashMax = 27;
constexpr std::string_view kSeparators = "=-+";

Failure unusable(std::string_view path, int error) {
  return temporary(base::concat({path, ": ", sys::error_text(error)}), error);
}

std::size_t length(std::uint64_t number, std::uint64_t most) {
  return base::narrow<std::size_t>(std::clamp<std::uint64_t>(number, 1, most));
}

}  // namespace

Result<std::optional<auth822::SrsSettings>> read_settings() {
  control::ControlFiles files;
  auth822::SrsSettings settings;
  settings.domain = files.line_if_any("srs_domain").value_or("");
  if (!files.failure() && settings.domain.empty()) {
    return std::optional<auth822::SrsSettings>();
  }
  settings.max_age = files.number("srs_maxage");
  settings.hash_length = length(files.number("srs_hashlength"), kHashMax);
  settings.hash_min = length(files.number("srs_hashmin"), settings.hash_length);
  const std::string separator = files.line("srs_separator");
  if (separator.size() == 1 && kSeparators.find(separator.front()) != std::string_view::npos) {
    settings.separator = separator.front();
  }
  if (const auto& failure = files.failure()) {
    return unusable(base::concat({"control/", failure->name}), failure->error);
  }
  auto secrets = control::read_lines(control::path("srs_secrets"));
  if (!secrets || !*secrets) {
    return unusable(control::path("srs_secrets"), secrets ? ENOENT : secrets.error().error);
  }
  if ((*secrets)->empty()) {
    return temporary(base::concat({control::path("srs_secrets"), ": there is no secret"}));
  }
  settings.secrets = std::move(**secrets);
  return std::optional(std::move(settings));
}

}  // namespace reqmail::srs
