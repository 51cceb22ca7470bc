#include "remote/connection_terms.h"

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/number.h"

namespace reqmail::remote {

namespace {

// Parts with their lengths, so that no two lists of parts give the same text.
class Parts {
 public:
  void add(std::string_view part) {
    text_ += base::decimal(part.size());
    text_ += ':';
    text_ += part;
  }

  void add(const std::optional<base::IpAddress>& address) {
    add(address ? address->text() : std::string());
  }

  [[nodiscard]] const std::string& text() const { return text_; }

 private:
  std::string text_;
};

}  // namespace

std::string connection_terms(const SessionTerms& terms, const std::string& host,
                             const std::string& relay, const SourceAddresses& from,
                             const AddressSettings& addresses) {
  Parts parts;
  parts.add(host);
  parts.add(relay);
  parts.add(base::decimal(static_cast<std::uint64_t>(terms.port)));
  parts.add(terms.login.user);
  parts.add(terms.login.password);
  parts.add(terms.hello);
  parts.add(base::decimal(static_cast<std::uint64_t>(terms.timeout.count())));
  parts.add(from.v4);
  parts.add(from.v6);
  parts.add(addresses.utf8 ? "utf8" : "");
  for (const base::Family family : addresses.versions.order) {
    parts.add(family == base::Family::v4 ? "4" : "6");
  }
  for (const std::string& line : addresses.hello_names.lines) {
    parts.add(line);
  }
  return parts.text();
}

}  // namespace reqmail::remote
