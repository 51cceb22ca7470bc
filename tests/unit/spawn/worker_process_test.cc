// What the parent of a worker learns of it.
#include "spawn/worker_process.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <functional>
#include <string>
#include <vector>

#include "spawn/worker_fields.h"
#include "sys/descriptor_io.h"
#include "sys/file.h"
#include "sys/packets.h"

namespace reqmail::spawn {
namespace {

constexpr std::chrono::seconds kPatience{20};

std::optional<WorkerProcess> started(std::function<int()> work) {
  sys::ChildSpec spec;
  spec.program = "worker";
  spec.work = std::move(work);
  return WorkerProcess::start(std::move(spec));
}

// Waits for what the worker sends, or for its end.
bool take(WorkerProcess& worker, std::vector<WorkerProcess::Outcome>& outcomes) {
  sys::Poller poller;
  worker.watch(poller);
  EXPECT_TRUE(poller.wait(kPatience));
  EXPECT_TRUE(worker.is_ready(poller));
  return worker.take_results(outcomes);
}

int echo() {
  while (sys::wait_readable(0, kPatience)) {
    const auto packet = sys::receive_packet(0, kWorkerPacketMax);
    if (!packet || !*packet) {
      return 0;
    }
    const auto order = fields_of_packet((*packet)->bytes, 1, 1);
    if (order->fields[0] == "die") {
      return 1;
    }
    const bool message = (*packet)->descriptor.valid();
    (void)send_worker_results(0, {{order->number, WorkerResult::Kind::done, 7,
                                   order->fields[0] + (message ? " with message" : "")}});
  }
  return 0;
}

TEST(WorkerProcess, ResultsBelongToTheirOrders) {
  auto worker = started(echo);
  ASSERT_TRUE(worker);
  const auto file = sys::open_read("/dev/null");
  ASSERT_TRUE(file);
  EXPECT_TRUE(worker->is_idle());
  ASSERT_TRUE(worker->give(8, {3}, packet_of_fields(8, {"x"}), file->get()));
  EXPECT_FALSE(worker->is_idle());
  std::vector<WorkerProcess::Outcome> outcomes;
  EXPECT_TRUE(take(*worker, outcomes));
  ASSERT_EQ(outcomes.size(), 1U);
  EXPECT_EQ(outcomes[0].slot, 3U);
  EXPECT_EQ(outcomes[0].result->output, "x with message");
  EXPECT_EQ(outcomes[0].result->code, 7);
  EXPECT_TRUE(worker->is_idle());
}

TEST(WorkerProcess, OneThatDiesLeavesItsOrders) {
  auto worker = started(echo);
  ASSERT_TRUE(worker);
  ASSERT_TRUE(worker->give(8, {3}, packet_of_fields(8, {"die"}), -1));
  std::vector<WorkerProcess::Outcome> outcomes;
  EXPECT_FALSE(take(*worker, outcomes));
  EXPECT_TRUE(outcomes.empty());
  EXPECT_EQ(worker->abandon(), std::vector<unsigned>{3});
  EXPECT_TRUE(worker->is_idle());
  EXPECT_FALSE(worker->give(9, {4}, packet_of_fields(9, {"x"}), -1));
}

TEST(WorkerProcess, AResultOfNoOrderIsItsEnd) {
  auto worker = started([] {
    (void)send_worker_results(0, {{5, WorkerResult::Kind::done, 0, {}}});
    return 0;
  });
  ASSERT_TRUE(worker);
  std::vector<WorkerProcess::Outcome> outcomes;
  EXPECT_FALSE(take(*worker, outcomes));
  EXPECT_TRUE(outcomes.empty());
}

TEST(WorkerProcess, WhoIsRetiredSeesTheEndOfOrders) {
  auto worker = started(echo);
  ASSERT_TRUE(worker);
  worker->retire();
  EXPECT_TRUE(worker->is_retired());
  EXPECT_FALSE(worker->give(9, {4}, packet_of_fields(9, {"x"}), -1));
  std::vector<WorkerProcess::Outcome> outcomes;
  EXPECT_FALSE(take(*worker, outcomes));
  EXPECT_FALSE(worker->has_ended(1));
}

}  // namespace
}  // namespace reqmail::spawn
