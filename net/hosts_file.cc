#include "net/hosts_file.h"

#include <cstddef>
#include <string>

#include "base/ascii.h"
#include "base/text.h"
#include "base/words.h"
#include "sys/file.h"

namespace reqmail::net {

namespace {

constexpr std::size_t kHostsFileMax = std::size_t{1} << 20;

}  // namespace

std::vector<base::IpAddress> addresses_in_hosts(std::string_view text, std::string_view name) {
  std::vector<base::IpAddress> found;
  for (std::string_view line : base::lines(text)) {
    line = line.substr(0, line.find('#'));
    const auto address = base::IpAddress::parse(base::take_word(line));
    for (std::string_view word = base::take_word(line); address && !word.empty();
         word = base::take_word(line)) {
      if (base::equal_ci(word, name)) {
        found.push_back(*address);
        break;
      }
    }
  }
  if (found.empty() && base::equal_ci(name, "localhost")) {
    found = {*base::IpAddress::parse("127.0.0.1"), *base::IpAddress::parse("::1")};
  }
  return found;
}

std::vector<base::IpAddress> local_addresses_of(std::string_view name) {
  if (const auto address = base::IpAddress::parse(name)) {
    return {*address};
  }
  const auto text = sys::read_file("/etc/hosts", kHostsFileMax);
  return addresses_in_hosts(text ? *text : std::string(), name);
}

}  // namespace reqmail::net
