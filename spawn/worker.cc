#include "spawn/worker.h"

#include <signal.h>

#include <cerrno>
#include <utility>
#include <vector>

#include "base/exit_code.h"
#include "base/packet_number.h"
#include "local/batch.h"
#include "spawn/worker_fields.h"
#include "sys/descriptor_io.h"
#include "sys/packets.h"
#include "sys/signals.h"
#include "sys/together.h"

namespace reqmail::spawn {

namespace {

constexpr std::size_t kFields = 7;
// More at once gain nothing: the journal carries them out together.
constexpr std::size_t kSyncs = 16;

class Worker {
 public:
  Worker(int socket, const std::string& default_instructions)
      : socket_(socket), default_instructions_(default_instructions) {}

  void serve() {
    while (sys::wait_readable(socket_, kWorkerIdle) && take(kWorkerBatch) && carry_out()) {
    }
    // Whoever orders from now on learns at once that nobody takes it.
    sys::end_reading(socket_);
    while (take(1) && !items_.empty()) {
      (void)send_worker_results(socket_, {{numbers_[0], WorkerResult::Kind::unserved, 0, {}}});
    }
  }

 private:
  // Orders that have come, at most `limit`. False: no more will.
  bool take(std::size_t limit) {
    items_.clear();
    numbers_.clear();
    while (items_.size() < limit) {
      auto packet = sys::receive_packet(socket_, kWorkerPacketMax);
      if (!packet && packet.error().error == EAGAIN) {
        return true;
      }
      auto order = packet && *packet ? parse_worker_order((*packet)->bytes)
                                     : std::optional<NumberedRequest>();
      if (!order) {
        ended_ = true;
        return !items_.empty();
      }
      order->request.default_instructions = default_instructions_;
      numbers_.push_back(order->number);
      items_.push_back({std::move(order->request), std::move((*packet)->descriptor)});
    }
    return true;
  }

  // Whether to go on.
  bool carry_out() {
    bool trouble = ended_;
    const auto results = local::deliver_batch(items_, sequence_, together_);
    // The messages are not needed while it waits.
    items_.clear();
    std::vector<WorkerResult> told;
    for (std::size_t i = 0; i < results.size(); ++i) {
      const local::BatchResult& result = results[i];
      trouble = trouble || result.code == base::kExitTemporary;
      told.push_back({numbers_[i],
                      result.declined ? WorkerResult::Kind::declined : WorkerResult::Kind::done,
                      result.code, result.output});
    }
    return send_worker_results(socket_, told) && !trouble;
  }

  int socket_;
  const std::string& default_instructions_;
  std::vector<local::BatchItem> items_;
  std::vector<std::uint32_t> numbers_;
  unsigned sequence_ = 0;
  sys::Together together_{kSyncs};
  bool ended_ = false;
};

}  // namespace

std::string worker_order(std::uint32_t number, const local::Request& request) {
  return packet_of_fields(number, {request.user, request.home, request.local, request.dash,
                                   request.ext, request.host, request.sender});
}

std::optional<NumberedRequest> parse_worker_order(std::string_view packet) {
  auto found = fields_of_packet(packet, kFields, kFields);
  if (!found) {
    return std::nullopt;
  }
  NumberedRequest order;
  order.number = found->number;
  std::string* const targets[kFields] = {
      &order.request.user, &order.request.home, &order.request.local, &order.request.dash,
      &order.request.ext,  &order.request.host, &order.request.sender};
  for (std::size_t i = 0; i < kFields; ++i) {
    *targets[i] = std::move(found->fields[i]);
  }
  return order;
}

std::string worker_result(const WorkerResult& result) {
  std::string packet = base::packet_number(result.number);
  packet += static_cast<char>(result.kind);
  packet += static_cast<char>(result.code);
  return packet + result.output;
}

std::optional<WorkerResult> parse_worker_result(std::string_view packet) {
  constexpr std::size_t kHead = base::kPacketNumberSize + 2;
  if (packet.size() < kHead) {
    return std::nullopt;
  }
  const auto kind = static_cast<WorkerResult::Kind>(packet[base::kPacketNumberSize]);
  constexpr std::string_view kKinds("dnukla");
  if (kKinds.find(packet[base::kPacketNumberSize]) == std::string_view::npos) {
    return std::nullopt;
  }
  return WorkerResult{base::number_of_packet(packet), kind,
                      static_cast<unsigned char>(packet[base::kPacketNumberSize + 1]),
                      std::string(packet.substr(kHead))};
}

bool send_worker_results(int socket, const std::vector<WorkerResult>& results) {
  std::vector<std::string> packets;
  packets.reserve(results.size());
  for (const WorkerResult& result : results) {
    packets.push_back(worker_result(result));
  }
  return sys::deliver_packets(socket, packets);
}

void serve_deliveries(int socket, const std::string& default_instructions) {
  sys::reset_child_signal();
  sys::ignore_signals({SIGPIPE});
  Worker(socket, default_instructions).serve();
}

}  // namespace reqmail::spawn
