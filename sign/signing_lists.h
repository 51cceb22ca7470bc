// The control files that say which keys sign the messages of a domain: dkimkeys, and
// dkimdomains of s/qmail.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "auth822/canonical.h"
#include "base/bad_line.h"

namespace reqmail::sign {

// How the signatures by a key are made.
struct SignatureOptions {
  auth822::Canonical header_form = auth822::Canonical::relaxed;
  auth822::Canonical body_form = auth822::Canonical::relaxed;
  std::optional<std::string> identity = std::nullopt;  // i=
  // How long a signature is valid, in seconds, or until when, in seconds since 1970.
  std::optional<std::uint64_t> lifetime = std::nullopt;
  std::optional<std::uint64_t> end = std::nullopt;

  friend bool operator==(const SignatureOptions&, const SignatureOptions&) = default;
};

struct SigningKey {
  std::string path;      // relative to qmail's home, or absolute
  std::string domain;    // d=
  std::string selector;  // s=
  SignatureOptions options;

  friend bool operator==(const SigningKey&, const SigningKey&) = default;
};

// The name of the lines for all other domains.
inline constexpr std::string_view kOtherDomains = "*";

// What the files say of one domain.
struct SigningEntry {
  std::string domain;  // in lower case, or kOtherDomains
  // Not signed at all: "!domain" of dkimdomains.
  bool excluded = false;
  // In paths a '%' stands for the domain. An empty d= is the domain.
  std::vector<SigningKey> keys;
};

// Returns the options in a text such as "-z 2 -c r"; nullopt if it has an unknown one, or asks
// for SHA-1. `why` says so then.
std::optional<SignatureOptions> parse_sign_options(std::string_view text, std::string& why);

// Each reads the lines of one file; lines without sense are left out and added to `bad`.
std::vector<SigningEntry> read_dkimkeys(const std::vector<std::string>& lines,
                                        std::vector<base::BadLine>& bad);
std::vector<SigningEntry> read_dkimdomains(const std::vector<std::string>& lines,
                                           std::vector<base::BadLine>& bad);
// Lines "domain:PATH" of arcseal.
std::vector<SigningEntry> read_arcseal(const std::vector<std::string>& lines,
                                       std::vector<base::BadLine>& bad);

}  // namespace reqmail::sign
