// The findings of qmail-cert check.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "sys/identity.h"

namespace reqmail::cert {

enum class Level { fine, note, warning, wrong };

struct FileFinding {
  Level level;
  std::string file;
  std::string text;
  std::string remedy;  // what to do; empty if nothing is to be done
};

class Findings {
 public:
  void add(Level level, std::string_view file, std::string text, std::string remedy = {});

  [[nodiscard]] const std::vector<FileFinding>& all() const { return findings_; }

  [[nodiscard]] std::size_t count(Level level) const;

 private:
  std::vector<FileFinding> findings_;
};

struct CheckOptions {
  unsigned days = 14;  // certificates that expire within fewer days get a warning
  base::Time now;
};

// The account that reads a file, and the groups that may read it.
struct Reader {
  sys::Account account;
  std::string_view owners;  // "OWNER:GROUP" to tell the user
};

inline constexpr Reader kServer{sys::Account::qmaild, "qmaild:qmail"};
inline constexpr Reader kClient{sys::Account::qmailr, "root:qmail"};

// Checks whether a secret can be read by the account that needs it and by nobody else.
void check_secret(Findings& findings, const std::string& file, const Reader& reader);

// Checks whether a file without secrets can be read by the account that needs it and changed
// only by root.
void check_readable(Findings& findings, const std::string& file, const Reader& reader);

// Checks control/servercert.pem, control/servercerts and the files there.
void check_servers(Findings& findings, const CheckOptions& options);

// Checks control/clientca.pem, control/clientcrl.pem and control/tlsclients.
void check_clients(Findings& findings, const CheckOptions& options);

// Checks control/clientcert.pem and control/tlshosts, which qmail-remote uses.
void check_remote(Findings& findings, const CheckOptions& options);

// Checks control/tlsticketkey.
void check_tickets(Findings& findings, const CheckOptions& options);

}  // namespace reqmail::cert
