#include "spawn/remote_worker.h"

#include <unistd.h>

#include <utility>
#include <vector>

#include "mail/verdict_codec.h"
#include "remote/kept_connection.h"
#include "remote/main.h"
#include "remote/tls_by_exec.h"
#include "spawn/worker.h"
#include "spawn/worker_fields.h"
#include "sys/descriptor_io.h"
#include "sys/env.h"
#include "sys/exits.h"
#include "sys/fd.h"
#include "sys/packets.h"

namespace reqmail::spawn {

namespace {

constexpr std::size_t kFields = 4;
constexpr int kSocket = STDIN_FILENO;
constexpr const char* kWishes = "QMAILDSN";

class RemoteWorker {
 public:
  void serve() {
    while (wait() && take() && deliver()) {
    }
    kept_.close();
    // Whoever orders from now on learns at once that nobody takes it.
    sys::end_reading(kSocket);
    while (take()) {
      (void)send_worker_result(kSocket, {order_.number, WorkerResult::Kind::unserved, 0, {}});
    }
  }

 private:
  bool take() {
    auto packet = sys::receive_packet(kSocket, kWorkerPacketMax);
    auto order = packet && *packet ? parse_remote_order((*packet)->bytes)
                                   : std::optional<NumberedRemoteOrder>();
    if (!order || !(*packet)->descriptor.valid()) {
      return false;
    }
    order_ = *std::move(order);
    message_ = std::move((*packet)->descriptor);
    return true;
  }

  bool wait() {
    if (kept_.is_there()) {
      if (sys::wait_readable(kSocket, kept_.time_left())) {
        return true;
      }
      kept_.close();
    }
    return sys::wait_readable(kSocket, kWorkerIdle).has_value();
  }

  // Returns whether to go on.
  bool deliver() {
    set_wishes();
    const std::vector<std::string> arguments = {"qmail-remote", order_.order.host,
                                                order_.order.sender, order_.order.recipient};
    bool left = false;
    const auto make_tls = [this, &arguments, &left] {
      return remote::remote_tls_by_exec(arguments, [this, &left] {
        left = true;
        return sys::duplicate_to(message_.get(), STDIN_FILENO).has_value();
      });
    };
    const std::string report =
        remote::deliver_once(arguments, message_.get(), make_tls, &kept_);
    message_.close();
    if (left) {
      leave(report);
    }
    const auto kind = kept_.is_there() ? WorkerResult::Kind::kept : WorkerResult::Kind::done;
    return send_worker_result(kSocket, {order_.number, kind, 0, report}) &&
           !report.starts_with(mail::report_letter(mail::Grade::temporary));
  }

  // A program that is executed finds them in its environment.
  void set_wishes() const {
    if (!order_.order.wishes.empty()) {
      sys::set_environment_value(kWishes, order_.order.wishes);
    } else if (inherited_wishes_) {
      sys::set_environment_value(kWishes, *inherited_wishes_);
    } else {
      (void)sys::take_environment_value(kWishes);
    }
  }

  // The other end reads the pipe once the socket is closed.
  [[noreturn]] static void leave(const std::string& report) {
    sys::close_descriptor(kSocket);
    const bool written = sys::write_all(STDOUT_FILENO, report).has_value();
    sys::finish(written ? sys::kExitSuccess : sys::kExitTemporary);
  }

  const std::optional<std::string> inherited_wishes_ = sys::environment_value(kWishes);
  NumberedRemoteOrder order_;
  sys::Fd message_;
  remote::KeptConnection kept_;
};

}  // namespace

std::string remote_order(std::uint32_t number, const RemoteOrder& order) {
  return packet_of_fields(number, {order.host, order.sender, order.recipient, order.wishes});
}

std::optional<NumberedRemoteOrder> parse_remote_order(std::string_view packet) {
  auto found = fields_of_packet(packet, kFields);
  if (!found) {
    return std::nullopt;
  }
  std::vector<std::string>& fields = found->fields;
  return NumberedRemoteOrder{
      found->number,
      {std::move(fields[0]), std::move(fields[1]), std::move(fields[2]), std::move(fields[3])}};
}

void serve_remote_deliveries() {
  RemoteWorker().serve();
}

}  // namespace reqmail::spawn
