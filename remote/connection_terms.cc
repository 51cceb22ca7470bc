#include "remote/connection_terms.h"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "base/number.h"
#include "control/files.h"
#include "sys/file_version.h"

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

  void add_number(std::uint64_t number) { add(base::decimal(number)); }

  void add_list(const std::vector<std::string>& parts) {
    add_number(parts.size());
    for (const std::string& part : parts) {
      add(part);
    }
  }

  void add_version(const std::string& path) {
    const auto version = sys::file_version(path);
    add(version ? sys::to_text(*version) : std::string());
  }

  [[nodiscard]] const std::string& text() const { return text_; }

 private:
  std::string text_;
};

// Name servers give records in any order.
std::vector<std::string> texts_of(const std::vector<base::TlsaRecord>& records) {
  std::vector<std::string> texts;
  for (const base::TlsaRecord& record : records) {
    Parts parts;
    parts.add_number(record.usage);
    parts.add_number(record.selector);
    parts.add_number(record.matching);
    parts.add(record.data);
    texts.push_back(parts.text());
  }
  std::sort(texts.begin(), texts.end());
  return texts;
}

}  // namespace

std::string connection_terms(const SessionTerms& terms, const std::string& host,
                             const std::string& relay, const SourceAddresses& from,
                             const AddressSettings& addresses) {
  Parts parts;
  parts.add(host);
  parts.add(relay);
  parts.add_number(terms.port);
  parts.add(terms.login.user);
  parts.add(terms.login.password);
  parts.add(terms.hello);
  parts.add_number(static_cast<std::uint64_t>(terms.timeout.count()));
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

std::string tls_terms(const TlsPlan& plan) {
  const tls::TlsRequest& request = plan.request;
  Parts parts;
  for (const bool flag : {plan.starttls, plan.required, plan.by_policy, plan.clear,
                          request.trusted.has_value(), request.trusted_directory.has_value()}) {
    parts.add_number(flag ? 1 : 0);
  }
  parts.add_number(static_cast<std::uint64_t>(plan.policy.level));
  parts.add(plan.demand);
  parts.add(request.server_name);
  parts.add(request.trusted.value_or(std::string()));
  parts.add(request.trusted_directory.value_or(std::string()));
  parts.add_list(request.names);
  parts.add_list(texts_of(request.tlsa));
  if (request.trusted) {
    parts.add_version(*request.trusted);
  }
  if (request.trusted_directory) {
    parts.add_version(*request.trusted_directory);
  }
  parts.add_version(control::path("clientcert.pem"));
  parts.add_version(control::path("tlsclientciphers"));
  return parts.text();
}

}  // namespace reqmail::remote
