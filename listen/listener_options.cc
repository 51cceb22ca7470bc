#include "listen/listener_options.h"

#include <limits>

#include "base/number.h"
#include "base/text.h"
#include "sys/options.h"

namespace reqmail::listen {

namespace {

constexpr std::string_view kLetters = "dDvqQhHrR1UXx:t:u:g:l:b:B:c:C:N:pPoO";

// Parses a number from 1 to the largest of its type.
template <typename Number>
bool set_number(Number& target, std::string_view text) {
  const auto number = base::parse_u64(text);
  if (!number || *number == 0 || *number > std::numeric_limits<Number>::max()) {
    return false;
  }
  target = static_cast<Number>(*number);
  return true;
}

bool set_id(std::optional<std::uint32_t>& target, std::string_view text) {
  std::uint32_t id = 0;
  // The largest number means "no change" to the system calls.
  if (!set_number(id, text) || id == std::numeric_limits<std::uint32_t>::max()) {
    return false;
  }
  target = id;
  return true;
}

bool set_timeout(base::Seconds& target, std::string_view text) {
  std::int32_t seconds = 0;
  if (!set_number(seconds, text)) {
    return false;
  }
  target = base::Seconds(seconds);
  return true;
}

bool take_connection_switch(ConnectionOptions& options, char letter) {
  switch (letter) {
  case 'd':
  case 'D':
    options.no_delay = letter == 'D';
    return true;
  case 'h':
  case 'H':
    options.remote_host = letter == 'h';
    return true;
  case 'o':
  case 'O':
    options.keeps_ip_options = letter == 'o';
    return true;
  case 'p':
  case 'P':
    options.verifies_remote_host = letter == 'p';
    return true;
  case 'r':
  case 'R':
    options.remote_info = letter == 'r';
    return true;
  case 'X':
    options.rules_may_be_absent = true;
    return true;
  default:
    return false;
  }
}

bool take_listener_switch(ListenerOptions& options, char letter) {
  switch (letter) {
  case 'q':
    options.verbosity = Verbosity::quiet;
    return true;
  case 'Q':
    options.verbosity = Verbosity::errors;
    return true;
  case 'v':
    options.verbosity = Verbosity::all;
    return true;
  case '1':
    options.prints_port = true;
    return true;
  case 'U':
    options.ids_from_environment = true;
    return true;
  default:
    return false;
  }
}

bool take_value(ListenerOptions& options, char letter, const std::string& value) {
  switch (letter) {
  case 'B':
    options.connection.banner = value;
    return true;
  case 'l':
    options.connection.local_host = value;
    return true;
  case 'x':
    options.connection.rules = value;
    return true;
  case 't':
    return set_timeout(options.connection.remote_info_timeout, value);
  case 'b':
    return set_number(options.backlog, value);
  case 'c':
    return set_number(options.connections, value);
  case 'C':
    return set_number(options.connection.limits.of_address, value);
  case 'N':
    return set_number(options.connection.limits.of_network, value);
  case 'g':
    return set_id(options.gid, value);
  case 'u':
    return set_id(options.uid, value);
  default:
    return false;
  }
}

std::vector<std::string> items(std::string_view list) {
  std::vector<std::string> found;
  for (const std::string_view item : base::split(list, ',')) {
    found.emplace_back(item);
  }
  return found;
}

}  // namespace

std::optional<ListenerOptions> parse_listener_options(int argc, char** argv) {
  ListenerOptions parsed;
  sys::Options options(argc, argv, kLetters);
  while (const auto option = options.next()) {
    if (option->kind != sys::Option::Kind::known ||
        !(take_connection_switch(parsed.connection, option->letter) ||
          take_listener_switch(parsed, option->letter) ||
          take_value(parsed, option->letter, option->value))) {
      return std::nullopt;
    }
  }
  const std::vector<std::string> rest = options.rest();
  constexpr std::size_t kWords = 3;
  if (rest.size() < kWords) {
    return std::nullopt;
  }
  parsed.hosts = items(rest[0]);
  parsed.ports = items(rest[1]);
  parsed.program.assign(rest.begin() + 2, rest.end());
  return parsed;
}

}  // namespace reqmail::listen
