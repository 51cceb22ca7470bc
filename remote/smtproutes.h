// control/smtproutes and control/authsenders: artificial SMTP routes, by the host that the mail
// is for and by its sender (qmail-remote(8)).
//
// The part of a line behind its first colon is
//   relay, relay:port, relay;port or [address]:port; then
//   |user|password, where the password is all the rest, or two words behind blanks.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "proto/sasl_client.h"

namespace reqmail::remote {

inline constexpr std::uint16_t kSmtpPort = 25;
// TLS is spoken there from the first byte on.
inline constexpr std::uint16_t kSmtpsPort = 465;

struct Route {
  // Name or address literal of the host to connect to; empty: as the DNS says.
  std::string relay;
  std::uint16_t port = kSmtpPort;
  // For that relay; without one, and where the line has none, the user is empty.
  proto::SaslLogin login;
};

// What stands behind the first colon of a line. A port that is missing, no number, or out of
// range is 25.
Route parse_route(std::string_view value);

// Lines of a file by what stands before their first colon, in any case; of equal ones the last
// counts, and lines without a colon say nothing. The lines are overwritten when it goes.
class RouteLines {
 public:
  RouteLines() = default;

  explicit RouteLines(std::vector<std::string> lines) : lines_(std::move(lines)) {}

  RouteLines(const RouteLines&) = delete;
  RouteLines& operator=(const RouteLines&) = delete;
  RouteLines(RouteLines&&) = default;
  RouteLines& operator=(RouteLines&&) = default;
  ~RouteLines();

  // What stands behind the colon.
  [[nodiscard]] std::optional<std::string_view> find(std::string_view key) const;

 private:
  std::vector<std::string> lines_;
};

class SmtpRoutes {
 public:
  SmtpRoutes() = default;

  explicit SmtpRoutes(std::vector<std::string> lines) : lines_(std::move(lines)) {}

  // The route for a host: where the sender is empty that of `!@`; by its name, else by the
  // longest `.suffix` of it, else by the empty domain. Nothing where no line applies, or the
  // one that does is empty behind its colon.
  [[nodiscard]] std::optional<Route> find(std::string_view host, std::string_view sender) const;

 private:
  RouteLines lines_;
};

class SenderRoutes {
 public:
  SenderRoutes() = default;

  explicit SenderRoutes(std::vector<std::string> lines) : lines_(std::move(lines)) {}

  // The route of a sender: by the whole address, else by the longest rest of it that begins
  // with '.' or '@', else by the empty address. Nothing as above.
  [[nodiscard]] std::optional<Route> find(std::string_view sender) const;

 private:
  RouteLines lines_;
};

}  // namespace reqmail::remote
