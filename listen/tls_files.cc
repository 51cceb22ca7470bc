#include "listen/tls_files.h"

#include <cstddef>
#include <utility>

#include "base/text.h"
#include "listen/certificate_paths.h"
#include "sys/file.h"

namespace reqmail::listen {

namespace {

constexpr std::size_t kTicketFileLimit = std::size_t{64} << 10;

// The list that is chosen, else the lines of the control file as one.
Result<std::string> load_ciphers(const TlsChoices& choices) {
  if (choices.ciphers) {
    return *choices.ciphers;
  }
  control::ControlFiles files;
  const auto lines = files.list("tlsserverciphers");
  if (files.failure()) {
    return unreadable(*files.failure());
  }
  return lines ? tls::cipher_list(*lines) : std::string();
}

// Only what is older than the default needs to be asked for. A typing error must not pass for
// it, nor for something stricter.
Result<tls::OldestVersion> load_oldest_version(const TlsChoices& choices) {
  auto value = choices.oldest_version;
  if (!value || value->empty()) {
    control::ControlFiles files;
    value = files.line_if_any("tlsminversion");
    if (files.failure()) {
      return unreadable(*files.failure());
    }
  }
  if (!value || value->empty() || *value == "1.2") {
    return tls::OldestVersion::tls1_2;
  }
  if (*value == "1.1") {
    return tls::OldestVersion::tls1_1;
  }
  if (*value == "1.0") {
    return tls::OldestVersion::tls1_0;
  }
  return temporary("tlsminversion is none of 1.0, 1.1 and 1.2");
}

// Without keys, or with a file that cannot be read, nothing is resumed and all else works.
std::string load_ticket_keys() {
  auto keys = sys::read_file(control::path("tlsticketkey"), kTicketFileLimit);
  return keys ? std::move(*keys) : std::string();
}

}  // namespace

Failure unreadable(const control::ControlFailure& failure) {
  return temporary(base::concat({"unable to read control/", failure.name}), failure.error);
}

Result<tls::ServerSettings> load_server_settings(std::string_view service,
                                                 const TlsChoices& choices) {
  tls::ServerSettings settings;
  settings.service = service;
  settings.certificate = kServerCertificate;
  settings.named = tls::certificates_below(std::string(kNamedCertificates));
  auto ciphers = load_ciphers(choices);
  if (!ciphers) {
    return ciphers.error();
  }
  settings.ciphers = std::move(*ciphers);
  const auto oldest = load_oldest_version(choices);
  if (!oldest) {
    return oldest.error();
  }
  settings.oldest = *oldest;
  settings.ticket_keys = load_ticket_keys();
  return settings;
}

}  // namespace reqmail::listen
