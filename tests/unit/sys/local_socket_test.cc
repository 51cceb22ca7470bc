// Sockets at a path: who may connect, and what replaces what.
#include "sys/local_socket.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>

#include "sys/file.h"
#include "sys/packets.h"
#include "tests/unit/support/temporary_home.h"

namespace reqmail::sys {
namespace {

Identity self() {
  return {::getuid(), ::getgid()};
}

TEST(LocalSocket, CarriesPacketsFromAUserThatIsKnown) {
  const testing::TemporaryHome home;
  auto listener = listen_at("socket", self(), 0600);
  ASSERT_TRUE(listener);
  EXPECT_EQ(take_connection(listener->get()).error().error, EAGAIN);
  auto one = connect_at("socket");
  ASSERT_TRUE(one);
  auto other = take_connection(listener->get());
  ASSERT_TRUE(other);
  EXPECT_EQ(peer_uid(other->get()), ::geteuid());
  ASSERT_TRUE(send_packet(one->get(), "hello"));
  EXPECT_EQ((*receive_packet(other->get(), 10))->bytes, "hello");
  EXPECT_EQ(receive_packet(one->get(), 10).error().error, EAGAIN);
}

TEST(LocalSocket, HasItsModeAndReplacesAnOlderOne) {
  const testing::TemporaryHome home;
  const mode_t before = ::umask(0);
  auto old = listen_at("socket", self(), 0666);
  auto fresh = listen_at("socket", self(), 0640);
  (void)::umask(before);
  ASSERT_TRUE(old && fresh);
  const auto found = status("socket");
  ASSERT_TRUE(found);
  EXPECT_TRUE(S_ISSOCK(found->st_mode));
  EXPECT_EQ(found->st_mode & 07777, 0640U);
  EXPECT_EQ(testing::names_in("."), std::vector<std::string>{"socket"});
  ASSERT_TRUE(connect_at("socket"));
  EXPECT_TRUE(take_connection(fresh->get()));
  EXPECT_EQ(take_connection(old->get()).error().error, EAGAIN);
}

TEST(LocalSocket, WithoutAListenerNothingWaits) {
  const testing::TemporaryHome home;
  EXPECT_EQ(connect_at("socket").error().error, ENOENT);
  {
    auto listener = listen_at("socket", self(), 0600);
    ASSERT_TRUE(listener);
  }
  EXPECT_EQ(connect_at("socket").error().error, ECONNREFUSED);
  EXPECT_EQ(connect_at(std::string(200, 'x')).error().error, ENAMETOOLONG);
  EXPECT_EQ(listen_at(std::string(200, 'x'), self(), 0600).error().error, ENAMETOOLONG);
  EXPECT_FALSE(listen_at("missing/socket", self(), 0600));
}

TEST(LocalSocket, OneWhoseMakerHasEndedIsNotInCharge) {
  const testing::TemporaryHome home;
  EXPECT_FALSE(is_in_charge("socket"));
  auto mine = listen_at("socket", self(), 0600);
  ASSERT_TRUE(mine);
  EXPECT_TRUE(is_in_charge("socket"));
  // A child makes a socket, another process keeps it after the child has ended.
  auto pair = make_packet_pair();
  ASSERT_TRUE(pair);
  const pid_t child = ::fork();
  if (child == 0) {
    auto made = listen_at("socket", self(), 0600);
    (void)send_packet(pair->one.get(), "socket", made ? made->get() : -1);
    ::_exit(0);
  }
  ASSERT_EQ(::waitpid(child, nullptr, 0), child);
  auto packet = receive_packet(pair->other.get(), 10);
  ASSERT_TRUE(packet && *packet && (*packet)->descriptor.valid());
  EXPECT_TRUE(connect_at("socket"));
  EXPECT_FALSE(is_in_charge("socket"));
}

TEST(LocalSocket, FailsWhereAnotherOwnerCannotBeSet) {
  if (::geteuid() == 0) {
    GTEST_SKIP() << "root can";
  }
  const testing::TemporaryHome home;
  EXPECT_FALSE(listen_at("socket", {0, 0}, 0600));
  EXPECT_TRUE(testing::names_in(".").empty());
}

}  // namespace
}  // namespace reqmail::sys
