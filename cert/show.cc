#include "cert/show.h"

#include <algorithm>
#include <cerrno>
#include <cstdint>

#include "base/number.h"
#include "base/terminal_text.h"
#include "base/text.h"
#include "base/wipe.h"
#include "cert/place.h"
#include "sys/directory.h"
#include "sys/error.h"
#include "sys/file.h"
#include "tls/context.h"
#include "tls/pem_file.h"

namespace reqmail::cert {

namespace {

struct Pair {
  std::string error;  // the reason why the file cannot be used
  bool missing = false;
  std::vector<tls::CertificateFacts> chain;
};

Pair look_at(const std::string& path) {
  Pair pair;
  auto text = sys::read_file(path, kPemLimit);
  if (!text) {
    pair.missing = text.error().error == ENOENT;
    pair.error = sys::error_text(text.error().error);
    return pair;
  }
  const auto parsed = tls::PemFile::parse(*text);
  base::wipe(*text);
  if (!parsed) {
    pair.error = parsed.error().text;
    return pair;
  }
  pair.chain = parsed->certificates();
  if (pair.chain.empty()) {
    pair.error = "it has no certificate";
  } else if (!parsed->has_key()) {
    pair.error = "it has no key";
  } else if (!parsed->is_for_key_of(*parsed)) {
    pair.error = "the key is that of another certificate";
  } else {
    tls::ServerSettings settings;
    settings.certificate = path;
    if (const auto context = tls::Context::server(settings); !context) {
      pair.error = context.error().text;
    }
  }
  return pair;
}

std::string joined(const std::vector<std::string>& names, std::string_view separator) {
  std::string text;
  for (const std::string& name : names) {
    text += text.empty() ? name : base::concat({separator, name});
  }
  return text;
}

// Makes any text from a certificate printable on one line.
std::string clean(std::string_view text) {
  return base::terminal_safe(text, '?');
}

std::string number(std::int64_t value) {
  return value < 0 ? "-" + base::decimal(static_cast<std::uint64_t>(-value))
                   : base::decimal(static_cast<std::uint64_t>(value));
}

std::string state_of(const tls::CertificateFacts& facts, base::Time now) {
  if (facts.ends <= now) {
    return "ended";
  }
  return facts.begins > now ? "not yet valid"
                            : base::concat({number(days_between(now, facts.ends)), " days"});
}

std::string line(std::string_view key, std::string value) {
  return base::concat({key, "=", clean(std::move(value)), "\n"});
}

}  // namespace

Result<std::vector<std::string>> server_files() {
  std::vector<std::string> files{std::string(kServerFile)};
  auto names = sys::list_directory(std::string(kNamesDirectory));
  if (names) {
    for (const std::string& name : *names) {
      files.push_back(base::concat({kNamesDirectory, "/", name, "/servercert.pem"}));
    }
  } else if (names.error().error != ENOENT) {
    return sys::system_failure(base::concat({"unable to read ", kNamesDirectory}),
                               names.error().error);
  }
  std::sort(files.begin() + 1, files.end());
  return files;
}

std::string show(const std::vector<std::string>& files, base::Time now) {
  std::string text;
  for (const std::string& file : files) {
    const Pair pair = look_at(file);
    if (pair.missing) {
      continue;
    }
    text += base::concat({text.empty() ? "" : "\n", file, "\n"});
    if (!pair.error.empty()) {
      text += base::concat({"  of no use: ", pair.error, "\n"});
    }
    if (pair.chain.empty()) {
      continue;
    }
    const tls::CertificateFacts& facts = pair.chain.front();
    text += base::concat(
        {"  names:       ", clean(joined(facts.names, " ")), "\n  from:        ",
         time_text(facts.begins), "\n  until:       ", time_text(facts.ends), " (",
         state_of(facts, now), ")\n  key:         ", facts.key,
         "\n  issuer:      ", facts.self_signed ? "itself (self-signed)" : clean(facts.issuer),
         "\n  SHA-256:     ", facts.fingerprint, "\n"});
    for (std::size_t i = 1; i < pair.chain.size(); ++i) {
      text += base::concat({"  chain:       ", clean(pair.chain[i].subject), ", until ",
                            time_text(pair.chain[i].ends), "\n"});
    }
  }
  return text.empty() ? base::concat({"There is no ", kServerFile, ": TLS is off.\n"}) : text;
}

std::string show_terse(const std::vector<std::string>& files, base::Time now) {
  std::string text;
  for (const std::string& file : files) {
    const Pair pair = look_at(file);
    if (pair.missing) {
      continue;
    }
    text += line("file", file);
    if (!pair.error.empty()) {
      text += line("error", pair.error);
    }
    if (!pair.chain.empty()) {
      const tls::CertificateFacts& facts = pair.chain.front();
      text += line("name", facts.names.empty() ? "" : facts.names.front()) +
              line("names", joined(facts.names, ",")) +
              line("begins", number(base::to_epoch(facts.begins))) +
              line("ends", number(base::to_epoch(facts.ends))) +
              line("expiry", time_text(facts.ends)) + line("state", state_of(facts, now)) +
              line("key", facts.key) + line("issuer", facts.issuer) +
              line("self-signed", facts.self_signed ? "yes" : "no") +
              line("certificates", number(static_cast<std::int64_t>(pair.chain.size()))) +
              line("sha256", facts.fingerprint);
    }
    text += "\n";
  }
  return text;
}

}  // namespace reqmail::cert
