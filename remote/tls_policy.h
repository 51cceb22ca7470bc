// What the administrator wants of TLS with a server: control/tlshosts and control/notlshosts
// (qmail-remote(8)).
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace reqmail::remote {

struct TlsPolicy {
  // The name that the server is asked for and whose files count; empty: it has none.
  std::string name;
  // The file with the CAs that must vouch for it: TLS with verification, or nothing.
  std::optional<std::string> trusted;
  // STARTTLS is said if it is offered.
  bool starttls = true;
  // Its file says that no TLS is wanted there.
  bool clear = false;
};

// A host's name as a file may bear it: in lower case, without the dot at its end. Empty for an
// address, and for a name that has other bytes than letters, digits, '-', '.' and '_', or a dot
// at its beginning.
std::string policy_name(std::string_view host);

// `name` is policy_name() of something; the current directory is qmail's home. A file that
// cannot be looked at counts as existing if that is safer, and otherwise as absent.
TlsPolicy find_tls_policy(const std::string& name);

}  // namespace reqmail::remote
