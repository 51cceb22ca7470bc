#include "spawn/remote_worker.h"

#include <unistd.h>

#include <functional>
#include <iterator>
#include <utility>
#include <vector>

#include "mail/verdict_codec.h"
#include "remote/group_ends.h"
#include "remote/kept_connection.h"
#include "remote/tls_by_exec.h"
#include "spawn/worker.h"
#include "spawn/worker_fields.h"
#include "sys/descriptor_io.h"
#include "sys/env.h"
#include "sys/exits.h"
#include "sys/fd.h"
#include "sys/file_version.h"
#include "sys/packets.h"
#include "sys/rewind.h"

namespace reqmail::spawn {

namespace {

constexpr std::size_t kFixedFields = 3;
// Of the arguments of qmail-remote.
constexpr std::size_t kFirstRecipient = 3;
// More than any spawner has deliveries.
constexpr std::size_t kRecipientsMax = 256;
constexpr int kSocket = STDIN_FILENO;
constexpr const char* kWishes = "QMAILDSN";
constexpr const char* kTlsProgram = "bin/qmail-remote-tls";

// Returns whether this process still is the program that is installed. The working directory is
// qmail's home.
bool is_installed(const char* program) {
  return sys::file_version(program) == sys::file_version("/proc/self/exe");
}

WorkerResult::Kind kind_of(const remote::RecipientEnd& end, WorkerResult::Kind reported) {
  switch (end.kind) {
  case remote::RecipientEnd::Kind::later:
    return WorkerResult::Kind::later;
  case remote::RecipientEnd::Kind::alone:
    return WorkerResult::Kind::alone;
  case remote::RecipientEnd::Kind::reported:
    break;
  }
  return reported;
}

class RemoteWorker {
 public:
  // If `make_tls` is empty, TLS is spoken by a program that is executed.
  explicit RemoteWorker(remote::MakeRemoteTls make_tls) : make_tls_(std::move(make_tls)) {}

  void serve() {
    while (wait() && take() && can_deliver() && deliver()) {
    }
    end();
  }

  void go_on(remote::Handover handover, const std::vector<std::string>& arguments) {
    const remote::Stay& stay = *handover.stay;
    order_ = {stay.order, order_of(arguments)};
    message_ = sys::Fd(stay.message);
    inherited_wishes_ = stay.wishes;
    const bool goes_on = report([&handover](const remote::Task& task) {
      return remote::resume_once(std::move(handover), task);
    });
    if (goes_on) {
      serve();
    } else {
      end();
    }
  }

 private:
  static RemoteOrder order_of(const std::vector<std::string>& arguments) {
    return {arguments[1],
            arguments[2],
            {},
            std::vector<std::string>(arguments.begin() + kFirstRecipient, arguments.end())};
  }

  void end() {
    kept_.close();
    // Whoever orders from now on learns at once that nobody takes it.
    sys::end_reading(kSocket);
    while (take()) {
      give_back();
    }
  }

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

  void give_back() const {
    (void)send(std::vector<remote::RecipientEnd>(order_.order.recipients.size()),
               WorkerResult::Kind::unserved);
  }

  // Gives the order back if a newer program is to carry it out.
  bool can_deliver() {
    const bool can = !make_tls_ || is_installed(kTlsProgram);
    if (!can) {
      give_back();
    }
    return can;
  }

  // Returns whether the results of all recipients were sent; `reported` is the kind of a
  // reported one.
  [[nodiscard]] bool send(const std::vector<remote::RecipientEnd>& ends,
                          WorkerResult::Kind reported) const {
    std::vector<WorkerResult> results;
    results.reserve(ends.size());
    std::uint32_t number = order_.number;
    for (const remote::RecipientEnd& end : ends) {
      results.push_back({number++, kind_of(end, reported), 0, end.report});
    }
    return send_worker_results(kSocket, results);
  }

  // Called when the program that speaks TLS is to go on as this worker.
  remote::Stay stay() {
    stays_ = true;
    return {order_.number, message_.get(), inherited_wishes_};
  }

  // What else it needs: if it does not stay, it finds the message on descriptor 0.
  std::optional<std::vector<int>> prepare_tls() {
    if (stays_) {
      return std::vector<int>{message_.get()};
    }
    left_ = true;
    return sys::duplicate_to(message_.get(), STDIN_FILENO) ? std::optional(std::vector<int>())
                                                           : std::nullopt;
  }

  // Returns whether to go on.
  bool deliver() {
    set_wishes();
    // A delivery before may have read it.
    (void)sys::rewind_input(message_.get());
    return report([](const remote::Task& task) { return remote::deliver_once(task); });
  }

  // Lets the order be carried out, and returns whether to go on.
  bool report(const std::function<std::string(const remote::Task&)>& carry_out) {
    stays_ = false;
    const RemoteOrder& order = order_.order;
    std::vector<std::string> arguments = {"qmail-remote", order.host, order.sender};
    arguments.insert(arguments.end(), order.recipients.begin(), order.recipients.end());
    std::vector<remote::RecipientEnd> ends;
    remote::Task task{arguments, message_.get(), make_tls_, &kept_, &ends};
    if (!make_tls_) {
      task.make_tls = [this, &arguments] {
        return remote::remote_tls_by_exec(arguments, [this] { return prepare_tls(); });
      };
      task.stay = [this] { return stay(); };
    }
    const std::string text = carry_out(task);
    message_.close();
    if (left_) {
      leave(text);
    }
    return tell(ends, text);
  }

  bool tell(std::vector<remote::RecipientEnd>& ends, const std::string& report) const {
    ends.resize(order_.order.recipients.size(), {remote::RecipientEnd::Kind::reported, report});
    const auto kind = kept_.is_there() ? WorkerResult::Kind::kept : WorkerResult::Kind::done;
    return send(ends, kind) && !report.starts_with(mail::report_letter(mail::Grade::temporary));
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

  remote::MakeRemoteTls make_tls_;
  std::optional<std::string> inherited_wishes_ = sys::environment_value(kWishes);
  NumberedRemoteOrder order_;
  sys::Fd message_;
  remote::KeptConnection kept_;
  // The program that speaks TLS is to go on as this worker.
  bool stays_ = false;
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
  RemoteWorker({}).serve();
}

void go_on_with_remote_deliveries(remote::Handover handover,
                                  const std::vector<std::string>& arguments,
                                  const remote::MakeRemoteTls& make_tls) {
  // A worker has at least one recipient.
  if (arguments.size() > kFirstRecipient) {
    RemoteWorker(make_tls).go_on(std::move(handover), arguments);
  }
}

}  // namespace reqmail::spawn
