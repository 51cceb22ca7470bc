#include "cert/install.h"

#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "base/number.h"
#include "base/text.h"
#include "base/wipe.h"
#include "cert/names.h"
#include "cert/place.h"
#include "sys/error.h"
#include "sys/file.h"
#include "tls/pem_file.h"

namespace reqmail::cert {

namespace {

Result<tls::PemFile> load(const std::string& path) {
  auto text = sys::read_file(path, kPemLimit);
  if (!text) {
    return sys::system_failure(base::concat({"unable to read ", path}), text.error().error);
  }
  auto parsed = tls::PemFile::parse(*text);
  base::wipe(*text);
  if (!parsed) {
    return permanent(base::concat({path, ": ", parsed.error().text}));
  }
  return parsed;
}

// These checks cannot be overridden, since the servers could not use the pair.
Result<void> must_fit(const NewPair& pair) {
  if (pair.chain.certificates().empty()) {
    return permanent(base::concat({pair.chain_file, " has no certificate"}));
  }
  if (!pair.key.has_key()) {
    return permanent(base::concat({pair.key_file, " has no key"}));
  }
  if (!pair.chain.is_for_key_of(pair.key)) {
    constexpr std::string_view kHint =
        "; are both files of the same renewal, and does the file begin with the server's own "
        "certificate?";
    return permanent(
        base::concat({"the key in ", pair.key_file, " is not that of the first certificate in ",
                      pair.chain_file, kHint}));
  }
  return {};
}

std::optional<std::string> doubt_of_dates(const tls::PemFile& chain, base::Time now) {
  for (const tls::CertificateFacts& one : chain.certificates()) {
    if (one.ends <= now) {
      return base::concat({"the certificate of ", one.subject, " ended ", time_text(one.ends)});
    }
    if (one.begins > now) {
      return base::concat({"the certificate of ", one.subject, " begins ",
                           time_text(one.begins), "; is the clock right?"});
    }
  }
  return std::nullopt;
}

std::optional<std::string> doubt_of_order(const tls::PemFile& chain) {
  for (std::size_t i = 1; i < chain.certificates().size(); ++i) {
    if (!chain.is_signed_by(i - 1, i)) {
      return base::concat(
          {"certificate ", base::decimal(i), " (", chain.certificates()[i - 1].subject,
           ") was not signed by the one behind it (", chain.certificates()[i].subject,
           "): a chain goes from the server's certificate to its CA"});
    }
  }
  return std::nullopt;
}

std::optional<std::string> doubt_of_name(const tls::PemFile& chain,
                                         const InstallOptions& options) {
  std::string name = options.server;
  if (name.empty()) {
    auto me = own_name();
    if (!me) {
      return std::move(me.error().text);
    }
    name = std::move(*me);
  }
  if (covers(chain.certificates().front().names, name)) {
    return std::nullopt;
  }
  std::string names;
  for (const std::string& one : chain.certificates().front().names) {
    names += " " + one;
  }
  return base::concat({"the certificate is for", names, ", not for ", name});
}

std::optional<std::string> doubt(const tls::PemFile& chain, const InstallOptions& options,
                                 base::Time now) {
  auto found = doubt_of_dates(chain, now);
  if (!found) {
    found = doubt_of_order(chain);
  }
  return found ? found : doubt_of_name(chain, options);
}

std::string told(const std::string& path, const tls::PemFile& chain,
                 const std::optional<std::string>& old) {
  const tls::CertificateFacts& facts = chain.certificates().front();
  std::string text = base::concat(
      {path, ": ", facts.names.empty() ? facts.subject : facts.names.front(), ", ", facts.key,
       ", issued by ", facts.issuer, ", until ", time_text(facts.ends), ".\n"});
  if (old) {
    text += base::concat({"The pair before is kept as ", *old, ".\n"});
  }
  if (chain.certificates().size() == 1 && !facts.self_signed && facts.tells_where_issuer_is) {
    text +=
        "There is no chain behind it: most peers can not verify it. Give the full chain "
        "(fullchain.pem).\n";
  }
  return text + "It counts from the next session on; nothing is to be restarted.\n";
}

}  // namespace

Result<NewPair> load_pair(const std::string& chain_file, const std::string& key_file) {
  auto chain = load(chain_file);
  if (!chain) {
    return chain.error();
  }
  auto key = load(key_file);
  if (!key) {
    return key.error();
  }
  NewPair pair{chain_file, key_file, std::move(*chain), std::move(*key)};
  if (auto fits = must_fit(pair); !fits) {
    return fits.error();
  }
  return pair;
}

Result<std::string> install_pair(const NewPair& pair, const InstallOptions& options,
                                 base::Time now) {
  const auto path = server_file(options.server);
  if (!path) {
    return path.error();
  }
  if (auto why = doubt(pair.chain, options, now); why && !options.anyway) {
    return permanent(
        base::concat({*why, ". Nothing was changed; -f installs it all the same"}));
  }
  const auto lock = take_write_lock();
  if (!lock) {
    return lock.error();
  }
  std::string secret = pair.key.key_text();
  std::string content = base::concat({pair.chain.certificates_text(), secret});
  base::wipe(secret);
  auto present = sys::read_file(*path, kPemLimit);
  const bool same = present && *present == content;
  if (present) {
    base::wipe(*present);
  }
  if (same) {
    base::wipe(content);
    return base::concat({*path, ": this pair is there already.\n"});
  }
  auto old = store_server_file(*path, content, now);
  base::wipe(content);
  if (!old) {
    return old.error();
  }
  return told(*path, pair.chain, *old);
}

}  // namespace reqmail::cert
