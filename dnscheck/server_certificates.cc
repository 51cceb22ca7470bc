#include "dnscheck/server_certificates.h"

#include <algorithm>
#include <cerrno>

#include "base/ascii.h"
#include "base/text.h"
#include "base/wipe.h"
#include "listen/certificate_paths.h"
#include "sys/directory.h"
#include "sys/error.h"
#include "sys/file.h"
#include "tls/certificate.h"
#include "tls/host_names.h"
#include "tls/pem_file.h"

namespace reqmail::dnscheck {

namespace {

constexpr std::uint8_t kUsageAuthority = 2;

bool is_valid(const tls::CertificateFacts& facts, base::Time now) {
  return facts.begins <= now && now <= facts.ends;
}

// The first certificate counts whatever its dates are, for usage 3 does not look at them; the
// authorities count for usage 2 alone, which does, for the first one too.
std::vector<tls::CertificateBytes> chain_of(const tls::PemFile& file, base::Time now) {
  const auto& facts = file.certificates();
  std::vector<tls::CertificateBytes> chain = {file.bytes(0)};
  for (std::size_t at = 1; at < facts.size() && is_valid(facts[at - 1], now) &&
                           is_valid(facts[at], now) && file.is_signed_by(at - 1, at);
       ++at) {
    chain.push_back(file.bytes(at));
  }
  return chain;
}

Result<ServerCertificate> read_certificate(const std::string& path, base::Time now) {
  auto text = sys::read_file(path, tls::kCertificateFileMax);
  if (!text) {
    return sys::system_failure(base::concat({"unable to read ", path}), text.error().error);
  }
  const auto file = tls::PemFile::parse(*text);
  base::wipe(*text);
  if (!file) {
    return temporary(base::concat({"unable to use ", path, ": ", file.error().text}));
  }
  if (file->certificates().empty() || !file->is_for_key_of(*file)) {
    return temporary(
        base::concat({"unable to use ", path, ": it needs a certificate and its key"}));
  }
  return ServerCertificate{path, chain_of(*file, now), file->certificates().front().names};
}

}  // namespace

const ServerCertificate* ServerCertificates::find(const std::string& name) const {
  const auto found = named.find(name);
  if (found != named.end()) {
    return &found->second;
  }
  return usual ? &*usual : nullptr;
}

ServerCertificates read_server_certificates(base::Time now) {
  ServerCertificates all;
  const std::string path(listen::kServerCertificate);
  auto usual = read_certificate(path, now);
  if (usual) {
    all.usual = *std::move(usual);
  } else if (usual.error().error != ENOENT) {
    all.trouble = usual.error().text;
  }
  const std::string directory(listen::kNamedCertificates);
  for (const std::string& name :
       sys::list_directory(directory).value_or(std::vector<std::string>())) {
    // Servers look for names of clients in lower case.
    if (!base::is_safe_name(name) || name != base::lower(name)) {
      continue;
    }
    auto named = read_certificate(base::concat({directory, "/", name, "/servercert.pem"}), now);
    if (named) {
      all.named.emplace(name, *std::move(named));
    }
  }
  return all;
}

bool describes(const base::TlsaRecord& record, const ServerCertificate& certificate,
               std::string_view host) {
  const auto& chain = certificate.chain;
  if (!base::usable_for_mail(record)) {
    return false;
  }
  if (record.usage != kUsageAuthority) {
    return tls::has_data_of(record, chain.front());
  }
  const auto is_described = [&record](const tls::CertificateBytes& one) {
    return tls::has_data_of(record, one);
  };
  const auto is_host = [host](const std::string& name) { return tls::names_host(name, host); };
  return std::any_of(chain.begin() + 1, chain.end(), is_described) &&
         std::any_of(certificate.names.begin(), certificate.names.end(), is_host);
}

}  // namespace reqmail::dnscheck
