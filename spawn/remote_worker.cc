#include "spawn/remote_worker.h"

#include <unistd.h>

#include <iterator>
#include <utility>
#include <vector>

#include "mail/verdict_codec.h"
#include "remote/group_ends.h"
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
#include "sys/rewind.h"

namespace reqmail::spawn {

namespace {

constexpr std::size_t kFixedFields = 3;
// More than any spawner has deliveries.
constexpr std::size_t kRecipientsMax = 256;
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
      give_back(WorkerResult::Kind::unserved, 0);
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

  // Says so of the recipients from `first` on.
  void give_back(WorkerResult::Kind kind, std::size_t first) {
    for (std::size_t i = first; i < order_.order.recipients.size(); ++i) {
      (void)send(i, {remote::RecipientEnd::Kind::reported, {}}, kind);
    }
  }

  // Returns whether the result of a recipient was sent; `kind` is that of a reported one.
  [[nodiscard]] bool send(std::size_t recipient, const remote::RecipientEnd& end,
                          WorkerResult::Kind kind) const {
    switch (end.kind) {
    case remote::RecipientEnd::Kind::later:
      kind = WorkerResult::Kind::later;
      break;
    case remote::RecipientEnd::Kind::alone:
      kind = WorkerResult::Kind::alone;
      break;
    case remote::RecipientEnd::Kind::reported:
      break;
    }
    return send_worker_result(
        kSocket, {order_.number + static_cast<std::uint32_t>(recipient), kind, 0, end.report});
  }

  // The program that speaks TLS delivers to the first recipient; it would make one report for
  // all.
  bool begin_tls() {
    give_back(WorkerResult::Kind::alone, 1);
    left_ = true;
    return sys::duplicate_to(message_.get(), STDIN_FILENO).has_value();
  }

  // Returns whether to go on.
  bool deliver() {
    set_wishes();
    // A delivery before may have read it.
    (void)sys::rewind_input(message_.get());
    const RemoteOrder& order = order_.order;
    std::vector<std::string> arguments = {"qmail-remote", order.host, order.sender};
    arguments.insert(arguments.end(), order.recipients.begin(), order.recipients.end());
    const auto make_tls = [this, &order] {
      return remote::remote_tls_by_exec(
          {"qmail-remote", order.host, order.sender, order.recipients.front()},
          [this] { return begin_tls(); });
    };
    std::vector<remote::RecipientEnd> ends;
    const std::string report =
        remote::deliver_once(arguments, message_.get(), make_tls, &kept_, &ends);
    message_.close();
    if (left_) {
      leave(report);
    }
    ends.resize(order.recipients.size(), {remote::RecipientEnd::Kind::reported, report});
    const auto kind = kept_.is_there() ? WorkerResult::Kind::kept : WorkerResult::Kind::done;
    bool sent = true;
    for (std::size_t i = 0; i < ends.size(); ++i) {
      sent = send(i, ends[i], kind) && sent;
    }
    return sent && !report.starts_with(mail::report_letter(mail::Grade::temporary));
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
  // Descriptor 0 is the message.
  bool left_ = false;
};

}  // namespace

std::string remote_order(std::uint32_t number, const RemoteOrder& order) {
  std::vector<std::string_view> fields = {order.host, order.sender, order.wishes};
  fields.insert(fields.end(), order.recipients.begin(), order.recipients.end());
  return packet_of_fields(number, fields);
}

std::optional<NumberedRemoteOrder> parse_remote_order(std::string_view packet) {
  auto found = fields_of_packet(packet, kFixedFields + 1, kFixedFields + kRecipientsMax);
  if (!found) {
    return std::nullopt;
  }
  std::vector<std::string>& fields = found->fields;
  return NumberedRemoteOrder{found->number,
                             {std::move(fields[0]),
                              std::move(fields[1]),
                              std::move(fields[2]),
                              {std::make_move_iterator(fields.begin() + kFixedFields),
                               std::make_move_iterator(fields.end())}}};
}

void serve_remote_deliveries() {
  RemoteWorker().serve();
}

}  // namespace reqmail::spawn
