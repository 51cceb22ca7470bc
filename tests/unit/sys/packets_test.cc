// Packets and descriptors that are sent between two ends.
#include "sys/packets.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <cstddef>
#include <deque>
#include <span>
#include <string>
#include <thread>
#include <vector>

#include "compat/filter_parts.h"
#include "compat/no_new_privs.h"
#include "sys/stream.h"
#include "tests/unit/support/call_filters.h"

namespace reqmail::sys {
namespace {

TEST(Packets, KeepTheirBounds) {
  auto pair = make_packet_pair();
  ASSERT_TRUE(pair);
  ASSERT_TRUE(send_packet(pair->one.get(), "one"));
  ASSERT_TRUE(send_packet(pair->one.get(), std::string("t\0o", 3)));
  EXPECT_EQ((*receive_packet(pair->other.get(), 10))->bytes, "one");
  EXPECT_EQ((*receive_packet(pair->other.get(), 10))->bytes, std::string("t\0o", 3));
  EXPECT_EQ(receive_packet(pair->other.get(), 10).error().error, EAGAIN);
}

TEST(Packets, SeveralAtOnceAsFarAsThereIsRoom) {
  auto pair = make_packet_pair();
  ASSERT_TRUE(pair);
  const std::array<std::string, 3> few = {"one", "two", "three"};
  EXPECT_EQ(*send_packets(pair->one.get(), few), 3U);
  for (const std::string& bytes : few) {
    EXPECT_EQ((*receive_packet(pair->other.get(), 10))->bytes, bytes);
  }
  const std::vector<std::string> many(1000, std::string(10'000, 'x'));
  const auto sent = send_packets(pair->one.get(), many);
  ASSERT_TRUE(sent);
  EXPECT_GT(*sent, 1U);
  EXPECT_LT(*sent, many.size());
  EXPECT_EQ(send_packets(pair->one.get(), many).error().error, EAGAIN);
  EXPECT_EQ((*receive_packet(pair->other.get(), 20'000))->bytes, many[0]);
  EXPECT_EQ(*send_packets(pair->one.get(), many), 1U);
  pair->other.close();
  EXPECT_FALSE(send_packets(pair->one.get(), few));
}

// From now on this process cannot send several packets with one call.
bool forget_sendmmsg(int error) {
  using namespace compat;  // NOLINT(google-build-using-namespace)
  forbid_new_privileges();
  return install_filter(std::array{
      filter_load(offsetof(seccomp_data, nr)),
      filter_jump(BPF_JEQ, 1, __NR_sendmmsg, 3),
      filter_end(SECCOMP_RET_ALLOW),
      filter_end(SECCOMP_RET_ERRNO | static_cast<unsigned>(error)),
  });
}

TEST(Packets, SeveralWithoutTheCall) {
  if (!tests::has_call_filters()) {
    GTEST_SKIP() << "no seccomp";
  }
  const std::array<std::string, 2> packets = {"one", "two"};
  for (const int error : {ENOSYS, EPERM}) {
    auto pair = make_packet_pair();
    ASSERT_TRUE(pair);
    const pid_t child = ::fork();
    if (child == 0) {
      const bool sent = forget_sendmmsg(error) && deliver_packets(pair->one.get(), packets);
      ::_exit(sent ? 0 : 1);
    }
    int status = -1;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    for (const std::string& bytes : packets) {
      const auto packet = receive_packet(pair->other.get(), 10);
      ASSERT_TRUE(packet && *packet);
      EXPECT_EQ((*packet)->bytes, bytes);
    }
  }
}

// Calls that fail as told, one after the other, before they send one packet at a time.
struct FailingCalls {
  std::deque<int> errors;
  std::vector<std::string> sent = {};
  unsigned waits = 0;
  unsigned pauses = 0;
  int wait_error = 0;

  bool deliver(std::span<const std::string> packets) {
    return deliver_packets(
        PacketCalls{[this](std::span<const std::string> some) { return send(some); },
                    [this]() -> Result<void> {
                      ++waits;
                      return wait_error == 0 ? Result<void>() : temporary("", wait_error);
                    },
                    [this] { ++pauses; }},
        packets);
  }

  Result<std::size_t> send(std::span<const std::string> some) {
    const int error = errors.empty() ? 0 : errors.front();
    if (!errors.empty()) {
      errors.pop_front();
    }
    if (error != 0) {
      return temporary("", error);
    }
    sent.push_back(some.front());
    return std::size_t{1};
  }
};

const std::vector<std::string> kThreePackets = {"one", "two", "three"};

TEST(DeliverPackets, WithoutRoomOrMemoryItTriesAgain) {
  FailingCalls calls{.errors = {EAGAIN, EAGAIN, EAGAIN, 0, ENOBUFS, ENOMEM}};
  calls.wait_error = ETIMEDOUT;
  EXPECT_TRUE(calls.deliver(kThreePackets));
  EXPECT_EQ(calls.sent, kThreePackets);
  EXPECT_EQ(calls.waits, 3U);
  EXPECT_EQ(calls.pauses, 2U);
  // It does not spin where nobody can wait.
  FailingCalls deaf{.errors = {EAGAIN}};
  deaf.wait_error = ENOMEM;
  EXPECT_TRUE(deaf.deliver(kThreePackets));
  EXPECT_EQ(deaf.pauses, 1U);
}

TEST(DeliverPackets, OnePacketThatCannotBeSentIsLostAlone) {
  FailingCalls calls{.errors = {0, EMSGSIZE}};
  EXPECT_FALSE(calls.deliver(kThreePackets));
  EXPECT_EQ(calls.sent, (std::vector<std::string>{"one", "three"}));
}

TEST(DeliverPackets, ItsPatienceHasAnEnd) {
  FailingCalls calls{.errors = std::deque<int>(102, ENOBUFS)};
  EXPECT_FALSE(calls.deliver(kThreePackets));
  EXPECT_EQ(calls.pauses, 100U);
  EXPECT_EQ(calls.sent, std::vector<std::string>{"three"});
}

TEST(DeliverPackets, NobodyIsThere) {
  for (const int error : {EPIPE, ECONNRESET}) {
    FailingCalls calls{.errors = {0, error}};
    EXPECT_FALSE(calls.deliver(kThreePackets));
    EXPECT_EQ(calls.sent, std::vector<std::string>{"one"});
  }
}

TEST(Packets, OneThatIsTooLongIsGone) {
  auto pair = make_packet_pair();
  ASSERT_TRUE(pair);
  ASSERT_TRUE(send_packet(pair->one.get(), "eleven bytes"));
  ASSERT_TRUE(send_packet(pair->one.get(), "next"));
  EXPECT_EQ(receive_packet(pair->other.get(), 10).error().error, EMSGSIZE);
  EXPECT_EQ((*receive_packet(pair->other.get(), 10))->bytes, "next");
}

TEST(Packets, LongOnesToo) {
  auto pair = make_packet_pair();
  ASSERT_TRUE(pair);
  const std::string text(30'000, 'x');
  constexpr std::size_t kLimit = 40'000;
  EXPECT_EQ(receive_packet(pair->other.get(), kLimit).error().error, EAGAIN);
  ASSERT_TRUE(send_packet(pair->one.get(), text));
  ASSERT_TRUE(send_packet(pair->one.get(), "short"));
  ASSERT_TRUE(send_packet(pair->one.get(), text + text));
  pair->one.close();
  EXPECT_EQ((*receive_packet(pair->other.get(), kLimit))->bytes, text);
  EXPECT_EQ((*receive_packet(pair->other.get(), kLimit))->bytes, "short");
  EXPECT_EQ(receive_packet(pair->other.get(), kLimit).error().error, EMSGSIZE);
  EXPECT_FALSE(*receive_packet(pair->other.get(), kLimit));
}

// How many packets can be received before the end.
template <typename Receive>
int count_until_end(const Receive& receive) {
  int count = 0;
  for (;;) {
    const auto packet = receive();
    if (packet && !*packet) {
      return count;
    }
    count += packet ? 1 : 0;
  }
}

// The kernel may say that the connection has ended although the last packet waits. It does so
// in one of some ten thousand attempts.
TEST(Packets, AreThereBeforeTheEnd) {
  constexpr int kAttempts = 50'000;
  std::atomic<int> sender = -1;
  std::thread other([&sender] {
    for (int sent = 0; sent < kAttempts; ++sent) {
      int socket = -1;
      while ((socket = sender.exchange(-1)) < 0) {
        std::this_thread::yield();
      }
      (void)send_packet(socket, "m");
      (void)send_packet(socket, "e");
      (void)::close(socket);
    }
  });
  int early = 0;
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    auto pair = make_packet_pair();
    ASSERT_TRUE(pair);
    sender = pair->one.release();
    char byte = 0;
    const int socket = pair->other.get();
    const int count = attempt % 2 == 0
                          ? count_until_end([&] {
                              return receive_packet(socket, attempt % 4 == 0 ? 10 : 10'000);
                            })
                          : count_until_end([&] { return receive_piece(socket, &byte, 1); });
    early += count == 2 ? 0 : 1;
  }
  other.join();
  EXPECT_EQ(early, 0);
}

TEST(Packets, PiecesHaveAKind) {
  auto pair = make_packet_pair();
  ASSERT_TRUE(pair);
  char bytes[8] = {};
  EXPECT_EQ(receive_piece(pair->other.get(), bytes, sizeof bytes).error().error, EAGAIN);
  ASSERT_TRUE(send_piece(pair->one.get(), 'a', "bytes"));
  ASSERT_TRUE(send_piece(pair->one.get(), 'b', ""));
  ASSERT_TRUE(send_piece(pair->one.get(), 'c', "too much!"));
  ASSERT_TRUE(send_piece(pair->one.get(), 'd', "just so!"));
  pair->one.close();
  auto piece = receive_piece(pair->other.get(), bytes, sizeof bytes);
  EXPECT_EQ((*piece)->kind, 'a');
  EXPECT_EQ(std::string(bytes, (*piece)->size), "bytes");
  piece = receive_piece(pair->other.get(), bytes, sizeof bytes);
  EXPECT_EQ((*piece)->kind, 'b');
  EXPECT_EQ((*piece)->size, 0U);
  EXPECT_EQ(receive_piece(pair->other.get(), bytes, sizeof bytes).error().error, EMSGSIZE);
  piece = receive_piece(pair->other.get(), bytes, sizeof bytes);
  EXPECT_EQ((*piece)->kind, 'd');
  EXPECT_EQ(std::string(bytes, (*piece)->size), "just so!");
  EXPECT_FALSE(*receive_piece(pair->other.get(), bytes, sizeof bytes));
  EXPECT_EQ(send_piece(pair->other.get(), 'a', "bytes").error().error, EPIPE);
}

TEST(Packets, EndWhenTheOtherEndIsGone) {
  auto pair = make_packet_pair();
  ASSERT_TRUE(pair);
  ASSERT_TRUE(send_packet(pair->one.get(), "last"));
  pair->one.close();
  EXPECT_EQ((*receive_packet(pair->other.get(), 10))->bytes, "last");
  EXPECT_FALSE(*receive_packet(pair->other.get(), 10));
  EXPECT_EQ(send_packet(pair->other.get(), "x").error().error, EPIPE);
}

TEST(Packets, NobodyWaitsForRoom) {
  auto pair = make_packet_pair();
  ASSERT_TRUE(pair);
  Result<void> sent;
  for (int count = 0; count < 100000 && sent; ++count) {
    sent = send_packet(pair->one.get(), std::string(1000, 'x'));
  }
  EXPECT_EQ(sent.error().error, EAGAIN);
}

TEST(Packets, BringADescriptor) {
  auto pair = make_packet_pair();
  auto pipe = make_pipe();
  ASSERT_TRUE(pair && pipe);
  ASSERT_TRUE(send_packet(pair->one.get(), "with", pipe->write.get()));
  ASSERT_TRUE(send_packet(pair->one.get(), "without"));
  pipe->write.close();
  auto packet = receive_packet(pair->other.get(), 10);
  ASSERT_TRUE((*packet)->descriptor.valid());
  EXPECT_EQ(::fcntl((*packet)->descriptor.get(), F_GETFD), FD_CLOEXEC);
  ASSERT_TRUE(write_all((*packet)->descriptor.get(), "through"));
  (*packet)->descriptor.close();
  EXPECT_EQ(*read_all(pipe->read.get(), 100), "through");
  EXPECT_FALSE((*receive_packet(pair->other.get(), 10))->descriptor.valid());
}

TEST(Packets, BringTwoDescriptors) {
  auto pair = make_packet_pair();
  auto pipe = make_pipe();
  ASSERT_TRUE(pair && pipe);
  ASSERT_TRUE(send_packet(pair->one.get(), "x", pipe->read.get(), pipe->write.get()));
  pipe->read.close();
  pipe->write.close();
  auto packet = receive_packet(pair->other.get(), 10);
  ASSERT_TRUE((*packet)->descriptor.valid() && (*packet)->second.valid());
  ASSERT_TRUE(write_all((*packet)->second.get(), "through"));
  (*packet)->second.close();
  EXPECT_EQ(*read_all((*packet)->descriptor.get(), 100), "through");
}

TEST(Packets, TheKindOfADescriptor) {
  auto pair = make_packet_pair();
  auto pipe = make_pipe();
  auto streams = make_socket_pair();
  EXPECT_TRUE(is_packet_socket(pair->one.get()));
  EXPECT_FALSE(is_packet_socket(pipe->read.get()));
  EXPECT_FALSE(is_packet_socket(streams->one.get()));
  EXPECT_FALSE(is_packet_socket(-1));
}

}  // namespace
}  // namespace reqmail::sys
