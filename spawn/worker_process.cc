#include "spawn/worker_process.h"

#include <signal.h>

#include <cerrno>

#include "sys/packets.h"

namespace reqmail::spawn {

std::optional<WorkerProcess> WorkerProcess::start(sys::ChildSpec spec) {
  auto pair = sys::make_packet_pair();
  if (!pair) {
    return std::nullopt;
  }
  spec.descriptors.push_back({pair->other.get(), 0});
  auto child = sys::spawn(spec);
  if (!child) {
    return std::nullopt;
  }
  return WorkerProcess(std::move(pair->one), *std::move(child));
}

bool WorkerProcess::give(std::uint32_t number, const std::vector<unsigned>& slots,
                         const std::string& order, int message) {
  if (!sys::send_packet(socket_.get(), order, message)) {
    return false;
  }
  for (const unsigned slot : slots) {
    orders_[number++] = slot;
  }
  return true;
}

void WorkerProcess::retire() {
  if (!retired_) {
    retired_ = true;
    sys::end_writing(socket_.get());
  }
}

bool WorkerProcess::take_results(std::vector<Outcome>& outcomes) {
  for (;;) {
    const auto packet = sys::receive_packet(socket_.get(), kWorkerPacketMax);
    if (!packet && packet.error().error == EAGAIN) {
      return true;
    }
    auto result = packet && *packet ? parse_worker_result((*packet)->bytes)
                                    : std::optional<WorkerResult>();
    const auto order = result ? orders_.find(result->number) : orders_.end();
    if (order == orders_.end()) {
      return false;
    }
    outcomes.push_back({order->second, std::move(result)});
    orders_.erase(order);
  }
}

void WorkerProcess::hang_up() {
  retired_ = true;
  socket_.close();
  watch_.reset();
}

std::vector<unsigned> WorkerProcess::abandon() {
  std::vector<unsigned> slots;
  for (const auto& [number, slot] : orders_) {
    slots.push_back(slot);
  }
  orders_.clear();
  return slots;
}

void WorkerProcess::kill() {
  child_.send_signal(SIGKILL);
  (void)child_.release();
}

bool WorkerProcess::has_ended(pid_t child) {
  if (!child_.valid() || child_.pid() != child) {
    return false;
  }
  (void)child_.release();
  return true;
}

}  // namespace reqmail::spawn
