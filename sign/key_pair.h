// Keys that dknewkey makes: a private key in control/domainkeys, and the record to publish.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "base/result.h"
#include "crypto/private_key.h"

namespace reqmail::sign {

struct KeyPlace {
  std::string domain;
  std::string selector;
  // The record says that the domain tries DKIM out (t=y).
  bool testing = false;
};

struct NewKey {
  crypto::KeyKind kind = crypto::KeyKind::rsa;
  std::size_t bits = 2048;  // of RSA
  bool replace = false;
};

// Returns the record of a key (RFC 6376 section 3.6.1).
std::string key_record(const crypto::PrivateKey& key, bool testing);

// Returns the line of a zone file with this record, in strings of at most 255 bytes.
std::string zone_line(const KeyPlace& place, std::string_view record);

// Makes a key and writes control/domainkeys/DOMAIN/SELECTOR, which only root and the group
// qmail can read, and SELECTOR.pub with the line of the zone file. Returns that line. The
// current directory is qmail's home. The Failure is permanent if the names are not valid, or if
// there is a key that must not be replaced.
Result<std::string> make_key(const KeyPlace& place, const NewKey& key);

// Returns the line for a key that is there.
Result<std::string> show_key(const KeyPlace& place);

}  // namespace reqmail::sign
