// A connection in clear at two descriptors: time limits, and lines that are left for another
// program.
#include "sys/connection.h"

#include <gtest/gtest.h>

#include <cerrno>
#include <string>

#include "sys/clock.h"
#include "sys/descriptor_io.h"
#include "sys/fd.h"

namespace reqmail::sys {
namespace {

using std::chrono::milliseconds;

class Descriptors : public ::testing::Test {
 protected:
  void SetUp() override {
    auto pair = make_socket_pair();
    ASSERT_TRUE(pair);
    ours_ = std::move(pair->one);
    peer_ = std::move(pair->other);
  }

  static std::string read(Connection& connection) {
    char buffer[100];
    const auto count = connection.read(buffer, sizeof buffer);
    return count ? std::string(buffer, *count) : "?";
  }

  Fd ours_;
  Fd peer_;
};

TEST_F(Descriptors, BytesBothWaysAndTheEnd) {
  DescriptorConnection connection(ours_.get(), ours_.get());
  EXPECT_EQ(connection.input(), ours_.get());
  EXPECT_EQ(connection.output(), ours_.get());
  EXPECT_FALSE(connection.tls());
  ASSERT_TRUE(connection.write("out"));
  char buffer[10];
  EXPECT_EQ(*read_some(peer_.get(), buffer, sizeof buffer), 3U);
  ASSERT_TRUE(write_all(peer_.get(), "in"));
  EXPECT_EQ(read(connection), "in");
  end_writing(peer_.get());
  EXPECT_EQ(read(connection), "");
}

TEST_F(Descriptors, EachWaitHasALimit) {
  DescriptorConnection connection(ours_.get(), ours_.get(), base::Seconds(0));
  char buffer[10];
  EXPECT_EQ(connection.read(buffer, sizeof buffer).error().error, ETIMEDOUT);
  const std::string much(std::size_t{8} << 20, 'x');
  EXPECT_EQ(connection.write(much).error().error, ETIMEDOUT);
  connection.wait_at_most(std::nullopt);
  ASSERT_TRUE(write_all(peer_.get(), "in"));
  EXPECT_EQ(read(connection), "in");
}

TEST_F(Descriptors, NothingHappensAfterTheEnd) {
  DescriptorConnection connection(ours_.get(), ours_.get(), base::Seconds(60));
  ASSERT_TRUE(write_all(peer_.get(), "in"));
  connection.stop_at(monotonic());
  char buffer[10];
  EXPECT_EQ(connection.read(buffer, sizeof buffer).error().error, ETIMEDOUT);
  EXPECT_EQ(connection.write("x").error().error, ETIMEDOUT);
  const auto begun = monotonic();
  connection.stop_at(begun + milliseconds(50));
  EXPECT_EQ(read(connection), "in");
  EXPECT_EQ(connection.read(buffer, sizeof buffer).error().error, ETIMEDOUT);
  EXPECT_GE(monotonic(), begun + milliseconds(50));
}

TEST_F(Descriptors, RestingChangesNothingElse) {
  DescriptorConnection connection(ours_.get(), ours_.get(), base::Seconds(1));
  connection.rest_in_silence();
  const std::string kept(50000, 'x');
  const auto begun = monotonic();
  char buffer[10];
  EXPECT_EQ(connection.read(buffer, sizeof buffer).error().error, ETIMEDOUT);
  EXPECT_GE(monotonic(), begun + milliseconds(1000)) << "the whole limit, not a moment";
  ASSERT_TRUE(write_all(peer_.get(), "in"));
  EXPECT_EQ(read(connection), "in");
  EXPECT_EQ(kept, std::string(50000, 'x'));
}

TEST_F(Descriptors, LinesAreLeftForOthers) {
  DescriptorConnection connection(ours_.get(), ours_.get());
  ASSERT_TRUE(write_all(peer_.get(), "USER joe\nPASS x\nrest"));
  EXPECT_FALSE(connection.has_more()) << "unknown, as nobody asks the system";
  connection.stop_at_line_ends();
  EXPECT_EQ(read(connection), "USER joe\n");
  EXPECT_TRUE(connection.has_more());
  EXPECT_EQ(read(connection), "PASS x\n");
  char buffer[100];
  EXPECT_EQ(*read_some(ours_.get(), buffer, sizeof buffer), 4U) << "another program goes on";
  EXPECT_FALSE(connection.has_more());
}

TEST_F(Descriptors, LinesOfAPipeToo) {
  auto pipe = make_pipe();
  ASSERT_TRUE(pipe);
  DescriptorConnection connection(pipe->read.get(), -1, base::Seconds(5));
  connection.stop_at_line_ends();
  ASSERT_TRUE(write_all(pipe->write.get(), "a\nb"));
  EXPECT_EQ(read(connection), "a");
  EXPECT_EQ(read(connection), "\n");
  char buffer[10];
  EXPECT_EQ(*read_some(pipe->read.get(), buffer, sizeof buffer), 1U);
}

}  // namespace
}  // namespace reqmail::sys
