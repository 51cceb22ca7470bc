#include "cert/make.h"

#include <algorithm>
#include <cerrno>

#include "base/ascii.h"
#include "base/text.h"
#include "base/wipe.h"
#include "cert/names.h"
#include "cert/place.h"
#include "sys/error.h"
#include "sys/file.h"
#include "tls/pem_file.h"

namespace reqmail::cert {

namespace {

// Certificates begin this much earlier, since the clocks of peers differ.
constexpr base::Seconds kEarlier{3600};
constexpr base::Seconds kDay{86400};

// The text of `qmail-cert acme` has this in place of qmail's home.
constexpr std::string_view kHomeMark = "@HOME@";
constexpr std::string_view kAcme =
    R"(qmail reads one file: @HOME@/control/servercert.pem, with the certificate, its chain and the key,
owner qmaild, group qmail, mode 0640 (for one server name among several:
@HOME@/control/servercerts/NAME/servercert.pem). An ACME client that runs as root keeps its
own files and calls, after each renewal,

  @HOME@/bin/qmail-cert install FULLCHAIN KEY [NAME]

which checks them and puts them in place. Nothing is to be restarted: each session reads the file.

certbot, once (the hook runs at each renewal):
  certbot certonly -d mail.example.org --deploy-hook \
    '@HOME@/bin/qmail-cert install "$RENEWED_LINEAGE/fullchain.pem" "$RENEWED_LINEAGE/privkey.pem"'

acme.sh, once:
  acme.sh --install-cert -d mail.example.org --fullchain-file /etc/ssl/acme/mail.pem \
    --key-file /etc/ssl/acme/mail.key \
    --reloadcmd '@HOME@/bin/qmail-cert install /etc/ssl/acme/mail.pem /etc/ssl/acme/mail.key'

lego:
  lego ... renew --renew-hook '@HOME@/bin/qmail-cert install "$LEGO_CERT_PATH" "$LEGO_CERT_KEY_PATH"'

dehydrated, in its hook script, for deploy_cert:
  @HOME@/bin/qmail-cert install "$FULLCHAINFILE" "$KEYFILE"

Each day, from cron: "qmail-cert check -q" prints what is wrong or will be soon.
)";

Result<void> add_name(std::vector<std::string>& names, std::string_view name) {
  if (!is_certificate_name(name)) {
    return permanent(
        base::concat({base::printable(name),
                      " is no host name for a certificate: it needs two parts of letters, "
                      "digits and '-'"}));
  }
  std::string lower = base::lower(name);
  if (std::find(names.begin(), names.end(), lower) == names.end()) {
    names.push_back(std::move(lower));
  }
  return {};
}

Result<void> add_names(std::vector<std::string>& names, const std::vector<std::string>& more) {
  for (const std::string& name : more) {
    if (auto added = add_name(names, name); !added) {
      return added;
    }
  }
  return {};
}

// Returns the name for which the file is, followed by the names that were asked for.
Result<std::vector<std::string>> names_for(const MakeOptions& options) {
  std::string first = options.server;
  if (first.empty()) {
    auto me = own_name();
    if (!me) {
      return me.error();
    }
    first = std::move(*me);
  }
  std::vector<std::string> names;
  if (auto added = add_name(names, first); !added) {
    return added.error();
  }
  if (auto added = add_names(names, options.names); !added) {
    return added.error();
  }
  return names;
}

std::string told(const std::string& path, const tls::CertificateFacts& facts,
                 const std::optional<std::string>& old) {
  std::string names;
  for (const std::string& name : facts.names) {
    names += (names.empty() ? "" : " ") + name;
  }
  std::string text =
      base::concat({path, ": a new key (", facts.key, ") and a self-signed certificate for ",
                    names, ", until ", time_text(facts.ends), ".\n"});
  if (old) {
    text += base::concat({"The pair before is kept as ", *old, ".\n"});
  }
  text += "It counts from the next session on; nothing is to be restarted.\n";
  text +=
      path == kServerFile && !old ? "STARTTLS is offered from now on.\n" : std::string_view();
  return text +
         "It encrypts, but nobody can verify it. For a certificate of a CA: \"qmail-cert "
         "acme\" says what to do\n"
         "with an ACME client, \"qmail-cert request\" makes a request from this key.\n";
}

}  // namespace

Result<std::string> make_pair(const MakeOptions& options, base::Time now) {
  const auto path = server_file(options.server);
  if (!path) {
    return path.error();
  }
  const auto names = names_for(options);
  if (!names) {
    return names.error();
  }
  const auto lock = take_write_lock();
  if (!lock) {
    return lock.error();
  }
  if (!options.replace && sys::link_status(*path)) {
    return permanent(base::concat({*path,
                                   " is there already; -f makes a new pair in its place and "
                                   "keeps the old one beside it"}));
  }
  auto key = tls::make_key(options.key);
  if (!key) {
    return key.error();
  }
  auto certificate =
      tls::make_self_signed(*key, *names, {now - kEarlier, now + options.days * kDay});
  if (!certificate) {
    return certificate.error();
  }
  const auto made = tls::PemFile::parse(*certificate);
  if (!made) {
    return made.error();
  }
  std::string content = base::concat({*certificate, *key});
  base::wipe(*key);
  auto old = store_server_file(*path, content, now);
  base::wipe(content);
  if (!old) {
    return old.error();
  }
  return told(*path, made->certificates().front(), *old);
}

Result<std::string> make_request(const MakeOptions& options) {
  const auto path = server_file(options.server);
  if (!path) {
    return path.error();
  }
  auto text = sys::read_file(*path, kPemLimit);
  if (!text) {
    if (text.error().error == ENOENT) {
      return permanent(
          base::concat({"there is no ", *path, ": \"qmail-cert make\" makes a key"}));
    }
    return sys::system_failure(base::concat({"unable to read ", *path}), text.error().error);
  }
  const auto pair = tls::PemFile::parse(*text);
  base::wipe(*text);
  if (!pair || !pair->has_key()) {
    return permanent(base::concat({*path, ": ", pair ? "has no key" : pair.error().text}));
  }
  auto names = names_for(options);
  if (!names) {
    return names.error();
  }
  if (!pair->certificates().empty()) {
    if (auto added = add_names(*names, pair->certificates().front().names); !added) {
      return added.error();
    }
  }
  std::string key = pair->key_text();
  auto request = tls::make_request(key, *names);
  base::wipe(key);
  return request;
}

std::string acme_text(const std::string& home) {
  std::string text;
  std::size_t at = 0;
  for (std::size_t found = 0; (found = kAcme.find(kHomeMark, at)) != std::string_view::npos;
       at = found + kHomeMark.size()) {
    text += base::concat({kAcme.substr(at, found - at), home});
  }
  return text + std::string(kAcme.substr(at));
}

}  // namespace reqmail::cert
