#include "net/hosts_file.h"

#include <algorithm>
#include <cstddef>
#include <string>

#include "base/ascii.h"
#include "base/text.h"
#include "sys/file.h"

namespace reqmail::net {

namespace {

constexpr std::size_t kHostsFileMax = std::size_t{1} << 20;

// Removes the first word of the text and returns it.
std::string_view take_word(std::string_view& text) {
  while (!text.empty() && base::is_blank(text.front())) {
    text.remove_prefix(1);
  }
  const auto end = std::find_if(text.begin(), text.end(), base::is_blank);
  const std::string_view word = text.substr(0, static_cast<std::size_t>(end - text.begin()));
  text.remove_prefix(word.size());
  return word;
}

}  // namespace

std::vector<base::IpAddress> addresses_in_hosts(std::string_view text, std::string_view name) {
  std::vector<base::IpAddress> found;
  for (std::string_view line : base::lines(text)) {
    line = line.substr(0, line.find('#'));
    const auto address = base::IpAddress::parse(take_word(line));
    for (std::string_view word = take_word(line); address && !word.empty();
         word = take_word(line)) {
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
