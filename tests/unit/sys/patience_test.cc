// The deadline for a peer that sends or reads one byte at a time.
#include "sys/patience.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <string>

#include "sys/clock.h"
#include "sys/error.h"
#include "sys/fd.h"
#include "sys/stream.h"

namespace reqmail::sys {
namespace {

using std::chrono::milliseconds;

TEST(Patience, WithoutAnOrderNothingEnds) {
  EXPECT_FALSE(Patience().is_over());
}

TEST(Patience, BytesDoNotMoveTheEndOfACommand) {
  Patience patience;
  patience.within(base::Seconds(100));
  const auto end = patience.end();
  patience.moved(1 << 20);
  EXPECT_EQ(patience.end(), end);
  patience.within(milliseconds(0));
  EXPECT_TRUE(patience.is_over());
}

TEST(Patience, ARateIsPaidForInWholeSeconds) {
  Patience patience;
  const auto begun = monotonic();
  patience.at_least({1000, base::Seconds(3600)});
  EXPECT_GE(patience.end(), begun + base::Seconds(3600));
  const auto end = patience.end();
  patience.moved(999);
  EXPECT_EQ(patience.end(), end) << "not yet a second's worth";
  const auto before = monotonic();
  patience.moved(std::size_t{1} << 30);
  EXPECT_GE(patience.end(), before + base::Seconds(3600));
  EXPECT_LE(patience.end(), monotonic() + base::Seconds(3600))
      << "a fast beginning does not pay for silence";
}

TEST(Patience, ASecondsWorthOfBytesIsASecondMore) {
  Patience patience;
  patience.at_least({1000, milliseconds(1)});
  const auto end = patience.end();
  while (monotonic() < end + base::Seconds(1)) {
    pause_for(milliseconds(10));
  }
  EXPECT_TRUE(patience.is_over());
  patience.moved(400);
  patience.moved(700);
  EXPECT_EQ(patience.end(), end + base::Seconds(1));
}

// A peer that uses both ends of a connection until it is killed.
class Dripping : public ::testing::Test {
 protected:
  void SetUp() override {
    int ends[2] = {};
    ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
    near_ = Fd(ends[0]);
    far_ = Fd(ends[1]);
  }

  void TearDown() override {
    if (child_ > 0) {
      (void)::kill(child_, SIGKILL);
      (void)::waitpid(child_, nullptr, 0);
    }
  }

  // Makes the peer send a byte again and again.
  void drip() {
    child_ = ::fork();
    ASSERT_GE(child_, 0);
    if (child_ == 0) {
      while (write_all(far_.get(), "x")) {
        pause_for(milliseconds(10));
      }
      ::_exit(0);
    }
  }

  Fd near_;
  Fd far_;
  pid_t child_ = -1;
};

TEST_F(Dripping, ALineThatNeverEndsIsNotWaitedFor) {
  drip();
  Patience patience;
  Reader reader(near_.get(), base::Seconds(60));
  reader.limit_by(patience);
  patience.within(milliseconds(300));
  std::string line;
  const auto end = reader.get_line(line, 1 << 20);
  ASSERT_FALSE(end);
  EXPECT_EQ(end.error().error, ETIMEDOUT);
  EXPECT_FALSE(line.empty());
}

TEST_F(Dripping, ATransferThatIsTooSlowEnds) {
  drip();
  Patience patience;
  Reader reader(near_.get(), base::Seconds(60));
  reader.limit_by(patience);
  patience.at_least({1 << 20, milliseconds(300)});
  const auto all = reader.read_all(1 << 20);
  ASSERT_FALSE(all);
  EXPECT_EQ(all.error().error, ETIMEDOUT);
}

TEST_F(Dripping, APeerThatReadsNothingHoldsNoWriter) {
  Patience patience;
  DescriptorConnection connection(-1, near_.get(), base::Seconds(60));
  Writer writer(connection, 1);
  writer.limit_by(patience);
  patience.within(milliseconds(100));
  // The socket is blocking: a write(2) of all this would never return.
  const auto written = writer.put(std::string(std::size_t{8} << 20, 'x'));
  ASSERT_FALSE(written);
  EXPECT_EQ(written.error().error, ETIMEDOUT);
}

class Told final : public Connection {
 public:
  Result<std::size_t> read(char* /*buffer*/, std::size_t /*size*/) override {
    return std::size_t{0};
  }

  Result<std::size_t> write_some(std::string_view bytes) override { return bytes.size(); }

  void stop_at(std::chrono::milliseconds moment) override { end = moment; }

  milliseconds end{0};
};

TEST(Patience, AConnectionIsToldTheEnd) {
  Told told;
  Patience patience;
  patience.within(base::Seconds(5));
  Reader reader(-1);
  reader.limit_by(patience);
  reader.switch_to(told);
  EXPECT_TRUE(reader.peek());
  EXPECT_EQ(told.end, patience.end());
  patience.within(base::Seconds(50));
  Writer writer(-1);
  writer.limit_by(patience);
  writer.switch_to(told);
  EXPECT_TRUE(writer.put("x"));
  EXPECT_TRUE(writer.flush());
  EXPECT_EQ(told.end, patience.end());
}

}  // namespace
}  // namespace reqmail::sys
