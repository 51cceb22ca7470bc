#include "listen/ucspi_tls.h"

#include <string>
#include <string_view>

#include "base/number.h"
#include "sys/descriptor_io.h"
#include "sys/env.h"
#include "sys/fd.h"

namespace reqmail::listen {

namespace {

constexpr std::uint64_t kDescriptorMax = 65535;
constexpr int kFirstOwn = 3;
// What the listener understands as "begin, and tell me nothing".
constexpr std::string_view kBegin = "y";
constexpr const char* kVariables[] = {"UCSPITLS", "SSLCTLFD", "SSLREADFD", "SSLWRITEFD"};

std::optional<int> descriptor_of(const char* variable) {
  const auto value = sys::environment_value(variable);
  const auto number = value ? base::parse_u64(*value) : std::nullopt;
  if (!number || *number > kDescriptorMax) {
    return std::nullopt;
  }
  return static_cast<int>(*number);
}

}  // namespace

ListenerTlsWish listener_tls_wish() {
  const auto value = sys::environment_value("UCSPITLS");
  if (!value) {
    return ListenerTlsWish::unset;
  }
  if (*value == "-") {
    return ListenerTlsWish::off;
  }
  return *value == "!" || *value == "@" ? ListenerTlsWish::required : ListenerTlsWish::offered;
}

bool tls_is_disabled() {
  const auto value = sys::environment_value("DISABLETLS");
  return value && base::leading_number(*value).value_or(0) > 0;
}

std::optional<ListenerTls> ListenerTls::find() {
  const ListenerTlsWish wish = listener_tls_wish();
  if (wish == ListenerTlsWish::unset || wish == ListenerTlsWish::off) {
    return std::nullopt;
  }
  const auto control = descriptor_of("SSLCTLFD");
  const auto input = descriptor_of("SSLREADFD");
  const auto output = descriptor_of("SSLWRITEFD");
  if (!control || !input || !output) {
    return std::nullopt;
  }
  return ListenerTls(Descriptors{*control, *input, *output});
}

Result<void> ListenerTls::begin(const sys::Connection& client) {
  if (auto told = sys::write_all(descriptors_.control, kBegin); !told) {
    return told;
  }
  if (auto moved = sys::duplicate_to(descriptors_.input, client.input()); !moved) {
    return moved;
  }
  if (auto moved = sys::duplicate_to(descriptors_.output, client.output()); !moved) {
    return moved;
  }
  // All three may be the same one, or one of those just replaced.
  for (const int fd : {descriptors_.control, descriptors_.input, descriptors_.output}) {
    if (fd >= kFirstOwn && fd != client.input() && fd != client.output()) {
      sys::close_descriptor(fd);
    }
  }
  for (const char* name : kVariables) {
    (void)sys::take_environment_value(name);
  }
  return {};
}

}  // namespace reqmail::listen
