#include "sign/key_pair.h"

#include <algorithm>
#include <cerrno>
#include <optional>

#include "auth822/dns_facts.h"
#include "base/base64.h"
#include "base/text.h"
#include "base/wipe.h"
#include "control/file_name.h"
#include "crypto/key_file.h"
#include "sys/error.h"
#include "sys/file.h"
#include "sys/identity.h"
#include "sys/owned_file.h"

namespace reqmail::sign {

namespace {

constexpr mode_t kSecretMode = 0640;
constexpr mode_t kPublicMode = 0644;
constexpr mode_t kDirectoryMode = 0750;
constexpr std::string_view kDirectory = control::path("domainkeys");

Result<void> check_names(const KeyPlace& place) {
  for (const std::string& name : {place.domain, place.selector}) {
    if (!base::is_safe_name(name) || !auth822::is_domain(name)) {
      return permanent(base::concat({base::printable(name), " is no domain name"}));
    }
  }
  return {};
}

std::string directory_of(const KeyPlace& place) {
  return base::concat({kDirectory, "/", place.domain});
}

std::string path_of(const KeyPlace& place) {
  return base::concat({directory_of(place), "/", place.selector});
}

Failure about(std::string_view path, const Failure& failure) {
  return temporary(base::concat({"unable to write ", path, ": ",
                                 failure.error != 0 ? sys::error_text(failure.error)
                                                    : std::string_view(failure.text)}),
                   failure.error);
}

Result<void> make_directories(const KeyPlace& place, gid_t qmail) {
  for (const std::string& path : {std::string(kDirectory), directory_of(place)}) {
    const auto made = sys::make_owned_directory(path, {0, qmail, kDirectoryMode});
    if (!made && made.error().error != EEXIST) {
      return about(path, made.error());
    }
  }
  return {};
}

Result<void> store(const KeyPlace& place, const crypto::PrivateKey& key,
                   const std::string& line) {
  const auto qmail = sys::group_gid(sys::Group::qmail);
  if (!qmail) {
    return temporary("qmail's accounts are missing");
  }
  if (auto made = make_directories(place, *qmail); !made) {
    return made;
  }
  const std::string path = path_of(place);
  std::string pem = key.pem();
  const auto written = sys::replace_owned_file(path, pem, {0, *qmail, kSecretMode});
  base::wipe(pem);
  if (!written) {
    return about(path, written.error());
  }
  const std::string known = path + ".pub";
  if (auto shown = sys::replace_owned_file(known, line, {0, *qmail, kPublicMode}); !shown) {
    return about(known, shown.error());
  }
  return {};
}

}  // namespace

std::string key_record(const crypto::PrivateKey& key, bool testing) {
  return base::concat({"v=DKIM1; k=", key.kind() == crypto::KeyKind::rsa ? "rsa" : "ed25519",
                       testing ? "; t=y" : "",
                       "; p=", base::encode_base64(key.public_bytes())});
}

std::string zone_line(const KeyPlace& place, std::string_view record) {
  constexpr std::size_t kStringMax = 255;
  std::string line = base::concat({place.selector, "._domainkey.", place.domain, ". IN TXT ("});
  for (std::string_view separator; !record.empty(); separator = " ") {
    line += base::concat({separator, "\"", record.substr(0, kStringMax), "\""});
    record.remove_prefix(std::min(record.size(), kStringMax));
  }
  return line + ")\n";
}

Result<std::string> make_key(const KeyPlace& place, const NewKey& wanted) {
  if (auto valid = check_names(place); !valid) {
    return valid.error();
  }
  const std::string path = path_of(place);
  const auto there = sys::link_status(path);
  if (there && !wanted.replace) {
    return permanent(path + " exists; -f replaces it");
  }
  if (!there && there.error().error != ENOENT && there.error().error != ENOTDIR) {
    return temporary(base::concat({path, ": ", sys::error_text(there.error().error)}));
  }
  const auto key = crypto::PrivateKey::generate(wanted.kind, wanted.bits);
  if (!key) {
    return temporary("the library makes no key");
  }
  std::string line = zone_line(place, key_record(*key, place.testing));
  if (auto stored = store(place, *key, line); !stored) {
    return stored.error();
  }
  return line;
}

Result<std::string> show_key(const KeyPlace& place) {
  if (auto valid = check_names(place); !valid) {
    return valid.error();
  }
  const auto key = crypto::read_private_key(path_of(place));
  if (!key) {
    return key.error();
  }
  return zone_line(place, key_record(*key, place.testing));
}

}  // namespace reqmail::sign
