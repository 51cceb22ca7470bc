// The part of qmail-cert check that concerns the servers: their pairs of key and certificate.
#include <sys/stat.h>

#include <cerrno>

#include "base/ascii.h"
#include "base/number.h"
#include "base/text.h"
#include "base/wipe.h"
#include "cert/dates.h"
#include "cert/findings.h"
#include "cert/names.h"
#include "cert/place.h"
#include "cert/show.h"
#include "sys/directory.h"
#include "sys/error.h"
#include "sys/file.h"
#include "tls/context.h"
#include "tls/pem_file.h"

namespace reqmail::cert {

namespace {

constexpr mode_t kOthers = 0007;
constexpr std::size_t kOldPairsMany = 12;

struct ServerFile {
  std::string path;
  std::string name;  // the host for which the certificate must be; empty if that is not known
  std::string argument;  // " NAME" of the commands that mend it
};

ServerFile describe(const std::string& path) {
  ServerFile file{path, {}, {}};
  if (path == kServerFile) {
    auto me = own_name();
    file.name = me ? std::move(*me) : std::string();
    return file;
  }
  file.name = path.substr(kNamesDirectory.size() + 1);
  file.name.resize(file.name.find('/'));
  file.argument = " " + file.name;
  return file;
}

std::string how_to_replace(const ServerFile& file) {
  return base::concat({"qmail-cert install FULLCHAIN KEY", file.argument,
                       file.argument.empty() ? "; or a self-signed pair: qmail-cert make -f"
                                             : "; or a self-signed pair: qmail-cert make -f -s",
                       file.argument});
}

void check_name(Findings& findings, const ServerFile& file,
                const tls::CertificateFacts& facts) {
  if (!file.argument.empty() &&
      (file.name.front() == '.' || file.name != base::lower(file.name))) {
    findings.add(Level::warning, file.path,
                 "no client can ask for it: the directory's name is not in lower case",
                 "rename the directory");
  }
  if (file.name.empty()) {
    findings.add(Level::warning, file.path,
                 "control/me, for whose name it should be, is missing",
                 "put this host's name into control/me");
  } else if (!covers(facts.names, file.name)) {
    findings.add(Level::warning, file.path,
                 base::concat({"it is not for ", file.name, " but for ", list_of(facts.names)}),
                 base::concat({"get a certificate with the name ", file.name,
                               ", or give that host its real name"}));
  }
}

void check_chain(Findings& findings, const ServerFile& file, const tls::PemFile& pair,
                 const CheckOptions& options) {
  const auto& chain = pair.certificates();
  for (std::size_t i = 1; i < chain.size(); ++i) {
    check_dates(findings, file.path, chain[i], options, "ask the CA for its present chain");
    if (!pair.is_signed_by(i - 1, i)) {
      findings.add(
          Level::warning, file.path,
          base::concat({"the chain is out of order: certificate ", base::decimal(i), " (",
                        chain[i - 1].subject, ") was not signed by the one behind it (",
                        chain[i].subject, ")"}),
          "install the full chain again as the CA gave it");
      return;
    }
  }
  if (chain.front().self_signed) {
    findings.add(Level::note, file.path, "self-signed: it encrypts, but no peer can verify it");
    return;
  }
  const auto why = pair.verify_error(options.now);
  if (!why || chain.front().ends <= options.now) {
    return;
  }
  if (chain.size() == 1 && chain.front().tells_where_issuer_is) {
    findings.add(
        Level::warning, file.path, base::concat({"the chain is missing: ", *why}),
        base::concat({"install the full chain (fullchain.pem): ", how_to_replace(file)}));
  } else {
    findings.add(
        Level::note, file.path,
        base::concat({"this host's list of CAs does not lead to it (", *why,
                      "); only peers that know ", chain.back().issuer, " can verify it"}));
  }
}

// Checks whether the server itself accepts the file.
void check_use(Findings& findings, const ServerFile& file) {
  tls::ServerSettings settings;
  settings.certificate = file.path;
  settings.named = tls::certificates_below(std::string(kNamesDirectory));
  if (const auto context = tls::Context::server(settings); !context) {
    findings.add(Level::wrong, file.path,
                 base::concat({"the servers can not use it: ", context.error().text}),
                 how_to_replace(file));
  }
}

void check_pair(Findings& findings, const ServerFile& file, const CheckOptions& options) {
  auto text = sys::read_file(file.path, kPemLimit);
  if (!text) {
    if (text.error().error == ENOENT && file.argument.empty()) {
      findings.add(Level::note, file.path, "it does not exist: TLS is off",
                   "qmail-cert make, or qmail-cert acme to learn about certificates of a CA");
    } else {
      findings.add(Level::wrong, file.path,
                   base::concat({"unable to read it: ", sys::error_text(text.error().error)}),
                   how_to_replace(file));
    }
    return;
  }
  const auto pair = tls::PemFile::parse(*text);
  base::wipe(*text);
  std::string fault;
  if (!pair) {
    fault = pair.error().text;
  } else if (pair->certificates().empty()) {
    fault = "it has no certificate";
  } else if (!pair->has_key()) {
    fault = "it has no key";
  } else if (!pair->is_for_key_of(*pair)) {
    fault = "the key is not that of its first certificate";
  }
  check_secret(findings, file.path, kServer);
  if (!fault.empty()) {
    findings.add(Level::wrong, file.path,
                 base::concat({fault, "; STARTTLS is answered with 454"}),
                 how_to_replace(file));
    return;
  }
  const tls::CertificateFacts& facts = pair->certificates().front();
  check_use(findings, file);
  check_dates(findings, file.path, facts, options, how_to_replace(file));
  check_name(findings, file, facts);
  check_chain(findings, file, *pair, options);
  findings.add(
      Level::fine, file.path,
      base::concat({list_of(facts.names), ", ", facts.key, ", until ", time_text(facts.ends)}));
}

// Examines the pairs that were replaced, since they are still secrets.
void check_old_pairs(Findings& findings, const std::string& path) {
  const std::string directory = sys::directory_of(path);
  const auto names = sys::list_directory(directory);
  std::size_t count = 0;
  for (const std::string& name : names ? *names : std::vector<std::string>()) {
    const std::string old = base::concat({directory, "/", name});
    if (!old.starts_with(base::concat({path, kOldMark}))) {
      continue;
    }
    ++count;
    const auto found = sys::link_status(old);
    if (found && S_ISREG(found->st_mode) && (found->st_mode & kOthers) != 0) {
      findings.add(Level::wrong, old, "everybody on this host can read the key",
                   base::concat({"chmod 600 ", old}));
    }
  }
  if (count >= kOldPairsMany) {
    findings.add(
        Level::note, path,
        base::concat({base::decimal(count), " pairs that were replaced lie beside it"}),
        base::concat({"remove those you no longer need: ", path, kOldMark, "*"}));
  }
}

}  // namespace

void check_servers(Findings& findings, const CheckOptions& options) {
  const auto files = server_files();
  if (!files) {
    findings.add(Level::wrong, kNamesDirectory, files.error().text);
    return;
  }
  for (const std::string& path : *files) {
    check_pair(findings, describe(path), options);
    check_old_pairs(findings, path);
  }
}

}  // namespace reqmail::cert
