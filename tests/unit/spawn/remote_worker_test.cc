// Orders of remote workers, and how they end.
#include "spawn/remote_worker.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "spawn/worker.h"
#include "sys/packets.h"
#include "sys/process.h"

namespace reqmail::spawn {
namespace {

TEST(RemoteWorker, OrdersComeBackAsTheyWere) {
  const std::string packet = remote_order(0x80000001, {"h", "", "RET=FULL\n", {"r@h", "s@h"}});
  const auto order = parse_remote_order(packet);
  ASSERT_TRUE(order);
  EXPECT_EQ(order->number, 0x80000001);
  EXPECT_EQ(order->order.host, "h");
  EXPECT_EQ(order->order.sender, "");
  EXPECT_EQ(order->order.recipients, (std::vector<std::string>{"r@h", "s@h"}));
  EXPECT_EQ(order->order.wishes, "RET=FULL\n");
  EXPECT_FALSE(parse_remote_order(remote_order(1, {"h", "s", "", {}})));
  EXPECT_FALSE(parse_remote_order(packet.substr(0, packet.size() - 1)));
  EXPECT_FALSE(parse_remote_order(packet + "x"));
}

// Returns the exit code of a worker whose socket holds `packet` and gets no more.
int code_after(const std::string& packet) {
  auto pair = sys::make_packet_pair();
  EXPECT_TRUE(pair);
  if (!packet.empty()) {
    EXPECT_TRUE(sys::send_packet(pair->one.get(), packet));
  }
  sys::end_writing(pair->one.get());
  sys::ChildSpec spec;
  spec.program = "worker";
  spec.descriptors = {{pair->other.get(), 0}};
  spec.work = [] {
    serve_remote_deliveries();
    return 9;
  };
  auto child = sys::spawn(spec);
  EXPECT_TRUE(child);
  const auto end = child->wait();
  EXPECT_TRUE(end);
  return end->crashed ? -1 : end->code;
}

TEST(RemoteWorker, EndsWhenNoOrderCanCome) {
  EXPECT_EQ(code_after(""), 9);
}

TEST(RemoteWorker, EndsAtWhatIsNoOrder) {
  EXPECT_EQ(code_after("no"), 9);
  // Without a message.
  EXPECT_EQ(code_after(remote_order(1, {"h", "s", "", {"r@h"}})), 9);
}

}  // namespace
}  // namespace reqmail::spawn
