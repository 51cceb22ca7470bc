// What qmail-cert check finds.
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
  std::string remedy;  // what to do; empty where nothing is to be done
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
  unsigned days = 14;  // warns of what ends in less
  base::Time now;
};

// Who reads a file, and which groups may.
struct Reader {
  sys::Account account;
  std::string_view owners;  // "OWNER:GROUP" to tell the user
};

inline constexpr Reader kServer{sys::Account::qmaild, "qmaild:qmail"};
inline constexpr Reader kClient{sys::Account::qmailr, "root:qmail"};

// Whether a secret is read by whom it must and by nobody else.
void check_secret(Findings& findings, const std::string& file, const Reader& reader);

// Whether a file without secrets is read by whom it must and changed by root alone.
void check_readable(Findings& findings, const std::string& file, const Reader& reader);

// control/servercert.pem, control/servercerts and what lies there.
void check_servers(Findings& findings, const CheckOptions& options);

// control/clientca.pem, control/clientcrl.pem and control/tlsclients.
void check_clients(Findings& findings, const CheckOptions& options);

// control/clientcert.pem and control/tlshosts, of qmail-remote.
void check_remote(Findings& findings, const CheckOptions& options);

// control/tlsticketkey.
void check_tickets(Findings& findings, const CheckOptions& options);

}  // namespace reqmail::cert
