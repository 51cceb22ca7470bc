// Orders and results of workers.
#include "spawn/worker.h"

#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <thread>
#include <vector>

#include "sys/descriptor_io.h"
#include "sys/fd.h"
#include "sys/packets.h"

namespace reqmail::spawn {
namespace {

using namespace std::string_literals;

TEST(WorkerPackets, OrdersComeBackAsTheyWere) {
  const local::Request request = {.user = "joe",
                                  .home = "/home/joe",
                                  .local = "joe-x",
                                  .dash = "-",
                                  .ext = "x",
                                  .host = "h",
                                  .sender = "",
                                  .default_instructions = "./M/"};
  const std::string packet = worker_order(0x80000001, request);
  const auto order = parse_worker_order(packet);
  ASSERT_TRUE(order);
  EXPECT_EQ(order->number, 0x80000001);
  EXPECT_EQ(order->request.user, "joe");
  EXPECT_EQ(order->request.home, "/home/joe");
  EXPECT_EQ(order->request.local, "joe-x");
  EXPECT_EQ(order->request.dash, "-");
  EXPECT_EQ(order->request.ext, "x");
  EXPECT_EQ(order->request.host, "h");
  EXPECT_EQ(order->request.sender, "");
  EXPECT_EQ(order->request.default_instructions, "");
  EXPECT_FALSE(order->request.describe);
  for (std::size_t length = 0; length < packet.size(); ++length) {
    EXPECT_FALSE(parse_worker_order(packet.substr(0, length))) << length;
  }
  EXPECT_FALSE(parse_worker_order(packet + "x"));
  EXPECT_FALSE(parse_worker_order(packet + "x\0"s));
}

TEST(WorkerPackets, ResultsComeBackAsTheyWere) {
  const auto result =
      parse_worker_result(worker_result({7, WorkerResult::Kind::done, 111, "why\n\0x"s}));
  ASSERT_TRUE(result);
  EXPECT_EQ(result->number, 7U);
  EXPECT_EQ(result->kind, WorkerResult::Kind::done);
  EXPECT_EQ(result->code, 111);
  EXPECT_EQ(result->output, "why\n\0x"s);
  EXPECT_FALSE(parse_worker_result("\0\0\0\0d"s));
  EXPECT_FALSE(parse_worker_result("\0\0\0\0?\0"s));
}

// More than the socket holds.
TEST(WorkerPackets, ResultsThatHaveNoRoomWaitForIt) {
  auto pair = sys::make_packet_pair();
  ASSERT_TRUE(pair);
  std::vector<WorkerResult> results;
  for (std::uint32_t number = 0; number < 256; ++number) {
    results.push_back({number, WorkerResult::Kind::done, 0, std::string(5'000, 'x')});
  }
  std::thread sender([&] { EXPECT_TRUE(send_worker_results(pair->one.get(), results)); });
  for (std::uint32_t number = 0; number < 256; ++number) {
    ASSERT_TRUE(sys::wait_readable(pair->other.get(), std::chrono::seconds(10)));
    const auto packet = sys::receive_packet(pair->other.get(), kWorkerPacketMax);
    ASSERT_TRUE(packet && *packet);
    EXPECT_EQ(parse_worker_result((*packet)->bytes)->number, number);
  }
  sender.join();
  pair->other.close();
  EXPECT_FALSE(send_worker_results(pair->one.get(), results));
}

TEST(WorkerPackets, AResultThatIsTooLongTakesNoOtherWithIt) {
  auto pair = sys::make_packet_pair();
  ASSERT_TRUE(pair);
  const WorkerResult first = {1, WorkerResult::Kind::done, 0, "r"};
  const WorkerResult last = {3, WorkerResult::Kind::done, 0, "r"};
  const WorkerResult longest = {2, WorkerResult::Kind::done, 0, std::string(8'000'000, 'x')};
  EXPECT_FALSE(send_worker_results(pair->one.get(), {first, longest, last}));
  for (const std::uint32_t number : {1U, 3U}) {
    const auto packet = sys::receive_packet(pair->other.get(), kWorkerPacketMax);
    ASSERT_TRUE(packet && *packet);
    EXPECT_EQ(parse_worker_result((*packet)->bytes)->number, number);
  }
}

TEST(ServeDeliveries, EndsWhenNoOrderCanCome) {
  auto pair = sys::make_packet_pair();
  ASSERT_TRUE(pair);
  sys::end_writing(pair->one.get());
  serve_deliveries(pair->other.get(), "./M/");
  // Nobody can be left to wait for it.
  EXPECT_FALSE(sys::send_packet(pair->one.get(), "x"));
}

// What comes while it ends is answered, not lost.
TEST(ServeDeliveries, OrdersBehindItsEndAreGivenBack) {
  auto pair = sys::make_packet_pair();
  ASSERT_TRUE(pair);
  ASSERT_TRUE(sys::send_packet(pair->one.get(), "no"));
  ASSERT_TRUE(sys::send_packet(pair->one.get(), worker_order(5, {})));
  ASSERT_TRUE(sys::send_packet(pair->one.get(), worker_order(6, {})));
  serve_deliveries(pair->other.get(), "./M/");
  for (const std::uint32_t number : {5U, 6U}) {
    const auto packet = sys::receive_packet(pair->one.get(), kWorkerPacketMax);
    ASSERT_TRUE(packet && *packet);
    const auto result = parse_worker_result((*packet)->bytes);
    ASSERT_TRUE(result);
    EXPECT_EQ(result->number, number);
    EXPECT_EQ(result->kind, WorkerResult::Kind::unserved);
  }
}

}  // namespace
}  // namespace reqmail::spawn
