#include "remote/attempt.h"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <optional>
#include <utility>

#include "net/connect.h"
#include "net/connection.h"
#include "net/local_addresses.h"
#include "net/tcpto.h"
#include "proto/smtp_client.h"
#include "remote/recipient_report.h"
#include "remote/session.h"
#include "remote/targets.h"
#include "sys/clock.h"

namespace reqmail::remote {

namespace {

bool lacks_resources(int error) {
  return error == EMFILE || error == ENFILE || error == ENOBUFS || error == ENOMEM;
}

class Attempt {
 public:
  Attempt(const Settings& settings, const Delivery& delivery, const Surroundings& surroundings,
          const Route& route)
      : settings_(settings),
        delivery_(delivery),
        surroundings_(surroundings),
        port_(route.port),
        end_(sys::monotonic() + settings.session),
        dns_(surroundings.dns),
        targets_(dns_, net::LocalAddresses::of_this_host, delivery.host, route.relay, seed()) {}

  std::string run();

 private:
  [[nodiscard]] std::uint64_t seed() const {
    const sys::PreciseTime now = sys::precise_now();
    const auto seconds = static_cast<std::uint64_t>(base::to_epoch(now.seconds));
    return seconds * 1000003 + static_cast<std::uint64_t>(now.microseconds) * 8191 +
           static_cast<std::uint64_t>(surroundings_.pid);
  }

  [[nodiscard]] base::Seconds time_left() const {
    return std::chrono::duration_cast<base::Seconds>(end_ - sys::monotonic());
  }

  // The report where this address took the connection, or no other needs to be tried.
  std::optional<std::string> try_address(const net::IpAddress& address);

  [[nodiscard]] bool left_alone(const net::IpAddress& address);
  void note(const net::IpAddress& address, bool timed_out);

  const Settings& settings_;
  const Delivery& delivery_;
  const Surroundings& surroundings_;
  std::uint16_t port_;
  std::chrono::milliseconds end_;
  net::Dns dns_;
  Targets targets_;
  std::optional<net::TimeoutTable> timeouts_;
};

bool Attempt::left_alone(const net::IpAddress& address) {
  if (!timeouts_) {
    // An unreadable table is an empty one.
    timeouts_ = net::read_timeouts(surroundings_.timeouts).value_or(net::TimeoutTable(""));
  }
  return timeouts_->penalised(address, sys::now(), static_cast<unsigned>(surroundings_.pid));
}

void Attempt::note(const net::IpAddress& address, bool timed_out) {
  const base::Time now = sys::now();
  if (timed_out || timeouts_->counts(address, now)) {
    net::note_timeout(surroundings_.timeouts, address, timed_out, now);
  }
}

std::optional<std::string> Attempt::try_address(const net::IpAddress& address) {
  if (left_alone(address)) {
    return std::nullopt;
  }
  auto socket =
      net::connect_to(address, port_, std::min(settings_.connect_timeout, time_left()));
  if (!socket) {
    if (lacks_resources(socket.error().error)) {
      return failure_report(out_of_resources());
    }
    note(address, socket.error().error == ETIMEDOUT);
    return std::nullopt;
  }
  note(address, false);
  net::SocketConnection connection(std::move(*socket), settings_.timeout, time_left());
  return deliver({settings_.hello, delivery_.sender, delivery_.recipients, delivery_.message,
                  address.text()},
                 connection);
}

std::string Attempt::run() {
  for (;;) {
    const auto addresses = targets_.next();
    if (addresses.empty()) {
      return failure_report(targets_.failure());
    }
    for (const net::IpAddress& address : addresses) {
      if (time_left() <= base::Seconds(0)) {
        return failure_report(not_connected());
      }
      if (auto report = try_address(address)) {
        return *std::move(report);
      }
    }
  }
}

}  // namespace

Failure invoked_improperly() {
  return permanent("I (qmail-remote) was invoked improperly. (#5.3.5)");
}

std::string attempt(const Settings& settings, const Delivery& delivery,
                    const Surroundings& surroundings) {
  const auto can_be_sent = [](const std::string& address) {
    return proto::can_be_sent(address);
  };
  if (delivery.recipients.empty() || !can_be_sent(delivery.sender) ||
      !std::all_of(delivery.recipients.begin(), delivery.recipients.end(), can_be_sent)) {
    return failure_report(invoked_improperly());
  }
  const auto route = settings.routes.find(delivery.host);
  return Attempt(settings, delivery, surroundings, route.value_or(Route{})).run();
}

}  // namespace reqmail::remote
