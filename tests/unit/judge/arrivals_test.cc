// Who the client of a new connection is.
#include "judge/arrivals.h"

#include <gtest/gtest.h>
#include <sys/socket.h>

#include <string>
#include <utility>

#include "judge/protocol.h"
#include "sys/clock.h"
#include "sys/descriptor_io.h"

namespace reqmail::judge {
namespace {

std::string settings_of(const std::string& client) {
  SessionSettings settings;
  settings.client = client;
  return encode(settings);
}

TEST(Arrivals, TheFirstBytesSayWhoTheClientIs) {
  const std::string known = settings_of("192.0.2.7");
  const std::pair<std::string, std::string> cases[] = {
      {known, "192.0.2.7"},     {known + "5:hello", "192.0.2.7"},
      {known.substr(0, 9), ""}, {settings_of("unknown"), ""},
      {"5:hello,", ""},         {"nonsense", ""},
  };
  for (const auto& [said, client] : cases) {
    const auto ends = sys::make_socket_pair();
    ASSERT_TRUE(ends);
    ASSERT_TRUE(sys::write_all(ends->one.get(), said));
    EXPECT_EQ(client_of(ends->other.get()), client) << said;
    // Nothing of it is lost.
    std::string got(2 * said.size(), '\0');
    const auto count = sys::read_some(ends->other.get(), got.data(), got.size());
    EXPECT_EQ(got.substr(0, count ? *count : 0), said);
  }
}

TEST(Arrivals, NobodyIsWaitedFor) {
  auto ends = sys::make_socket_pair();
  ASSERT_TRUE(ends);
  EXPECT_EQ(client_of(ends->other.get()), std::nullopt);
  // A byte that poll(2) reports and read(2) may not return.
  (void)::send(ends->one.get(), "x", 1, MSG_OOB | MSG_NOSIGNAL);
  (void)client_of(ends->other.get());
  ends->one.close();
  EXPECT_EQ(client_of(ends->other.get()), "");
}

std::vector<Connection> taken_after(Arrivals& arrivals, std::chrono::milliseconds time) {
  sys::Poller poller;
  arrivals.watch(poller);
  (void)poller.wait(time);
  return arrivals.take(poller);
}

TEST(Arrivals, EachComesWhenItHasSpoken) {
  Arrivals arrivals;
  EXPECT_EQ(arrivals.patience(), std::nullopt);
  auto first = sys::make_socket_pair();
  auto second = sys::make_socket_pair();
  ASSERT_TRUE(first && second);
  arrivals.add(std::move(first->other));
  arrivals.add(std::move(second->other));
  constexpr std::chrono::milliseconds kNone{0};
  EXPECT_TRUE(taken_after(arrivals, kNone).empty());
  ASSERT_TRUE(sys::write_all(second->one.get(), settings_of("192.0.2.8")));
  const auto taken = taken_after(arrivals, kNone);
  ASSERT_EQ(taken.size(), 1U);
  EXPECT_EQ(taken[0].client, "192.0.2.8");
  EXPECT_EQ(arrivals.count(), 1U);
  EXPECT_LE(*arrivals.patience(), kIntroduction);
  // The other one says nothing.
  sys::pause_for(*arrivals.patience() + std::chrono::milliseconds(1));
  const auto silent = taken_after(arrivals, kNone);
  ASSERT_EQ(silent.size(), 1U);
  EXPECT_EQ(silent[0].client, "");
  EXPECT_EQ(arrivals.count(), 0U);
}

}  // namespace
}  // namespace reqmail::judge
