#include "remote/settings.h"

#include <algorithm>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "control/reader.h"
#include "sys/secrets.h"

namespace reqmail::remote {

namespace {

Failure unreadable() {
  return temporary("Unable to read control files. (#4.3.0)");
}

// A number of seconds; what the file does not say, or what no timer can count, leaves `value`.
bool read_seconds(const std::string& path, base::Seconds& value) {
  const auto number = control::read_number(path);
  if (!number) {
    return false;
  }
  if (*number) {
    constexpr std::uint64_t kMost = std::numeric_limits<std::int32_t>::max();
    value = base::Seconds(static_cast<std::int64_t>(std::min(**number, kMost)));
  }
  return true;
}

bool may_hold_password(const std::vector<std::string>& routes) {
  return std::any_of(routes.begin(), routes.end(), [](const std::string& line) {
    return line.find_first_of("| \t") != std::string::npos;
  });
}

}  // namespace

Result<Settings> read_remote_settings() {
  Settings settings;
  const auto defaults = control::Defaults::load();
  if (!defaults) {
    return unreadable();
  }
  const auto hello = defaults->line_or_me("control/helohost");
  base::Seconds session = kSessionMax;
  if (!hello || !*hello || !read_seconds("control/timeoutremote", settings.timeout) ||
      !read_seconds("control/timeoutconnect", settings.connect_timeout) ||
      !read_seconds("control/timeoutsession", session)) {
    return unreadable();
  }
  settings.hello = **hello;
  if (session > base::Seconds(0)) {
    settings.session = std::min(session, kSessionMax);
  }
  auto routes = control::read_lines("control/smtproutes");
  auto sender_routes = control::read_lines("control/authsenders");
  if (!routes || !sender_routes) {
    return unreadable();
  }
  if (*sender_routes || (*routes && may_hold_password(**routes))) {
    sys::hide_memory();
  }
  if (*routes) {
    settings.routes = SmtpRoutes(std::move(**routes));
  }
  if (*sender_routes) {
    settings.sender_routes = SenderRoutes(std::move(**sender_routes));
  }
  return settings;
}

}  // namespace reqmail::remote
