// control/smtproutes: artificial SMTP routes (qmail-remote(8)).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/constmap.h"

namespace reqmail::remote {

inline constexpr std::uint16_t kSmtpPort = 25;

struct Route {
  // Name or address literal of the host to connect to; empty: as the DNS says.
  std::string relay;
  std::uint16_t port = kSmtpPort;
};

class SmtpRoutes {
 public:
  SmtpRoutes() = default;

  // Lines `domain:relay` or `domain:relay:port`; lines without a colon say nothing. Of equal
  // domains the last counts. A port that is missing, no number, or out of range is 25. A relay
  // in brackets may hold colons.
  explicit SmtpRoutes(const std::vector<std::string>& lines);

  // The route for a host, by its name in any case, else by the longest `.suffix` of it, else by
  // the empty domain. Nothing where no line applies, or the one that does names neither relay
  // nor port.
  [[nodiscard]] std::optional<Route> find(std::string_view host) const;

 private:
  base::ConstMap routes_;
};

}  // namespace reqmail::remote
