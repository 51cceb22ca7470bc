#include "tls/successor.h"

#include <cstdint>
#include <limits>
#include <utility>

#include "base/number.h"
#include "base/wipe.h"
#include "sys/env.h"
#include "sys/fd.h"
#include "sys/process.h"
#include "sys/secrets.h"

namespace reqmail::tls {

namespace {

constexpr std::size_t kStateMax = std::size_t{16} << 20;

}  // namespace

Failure execute(const Successor& successor, const std::string& state) {
  sys::Environment environment = sys::Environment::current();
  environment.set(successor.variable, state);
  return sys::replace_program(successor.program, successor.arguments, environment.strings());
}

Failure execute_with_secret(const Successor& successor, std::string& state,
                            const std::vector<int>& kept) {
  auto file = sys::make_secret_file(state);
  base::wipe(state);
  if (!file) {
    return file.error();
  }
  sys::set_close_on_exec(file->get(), false);
  for (const int descriptor : kept) {
    sys::set_close_on_exec(descriptor, false);
  }
  Failure failure = execute(successor, base::decimal(static_cast<std::uint64_t>(file->get())));
  for (const int descriptor : kept) {
    sys::set_close_on_exec(descriptor, true);
  }
  return failure;
}

Result<std::optional<std::string>> take_secret_state(const char* variable) {
  const auto value = sys::take_environment_value(variable);
  if (!value) {
    return std::optional<std::string>();
  }
  const auto number = base::parse_u64(*value);
  if (!number || *number < kFirstHandedOver ||
      *number > static_cast<std::uint64_t>(std::numeric_limits<int>::max())) {
    return permanent("no descriptor");
  }
  auto text = sys::take_secret_file(sys::Fd(static_cast<int>(*number)), kStateMax);
  if (!text) {
    return text.error();
  }
  return std::optional<std::string>(std::move(*text));
}

}  // namespace reqmail::tls
