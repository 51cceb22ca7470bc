// Lines, limits, timeouts and failures of the buffered streams.
#include "sys/stream.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/socket.h>

#include <cerrno>
#include <csignal>

#include "sys/fd.h"
#include "sys/file.h"
#include "sys/signals.h"

namespace reqmail::sys {
namespace {

class Stream : public ::testing::Test {
 protected:
  void SetUp() override {
    auto pipe = make_pipe();
    ASSERT_TRUE(pipe);
    read_ = std::move(pipe->read);
    write_ = std::move(pipe->write);
  }

  // A reader of exactly these bytes.
  Reader reader_of(std::string_view bytes) {
    EXPECT_TRUE(write_all(write_.get(), bytes));
    write_.close();
    return Reader(read_.get());
  }

  Fd read_;
  Fd write_;
};

TEST_F(Stream, Lines) {
  Reader reader = reader_of(std::string_view("a\r\n\n\0b\nlast", 11));
  std::string line;
  EXPECT_EQ(*reader.get_line(line, 10), LineEnd::line);
  EXPECT_EQ(line, "a\r");
  line.clear();
  EXPECT_EQ(*reader.get_line(line, 10), LineEnd::line);
  EXPECT_EQ(line, "");
  EXPECT_EQ(*reader.get_line(line, 10), LineEnd::line);
  EXPECT_EQ(line, std::string("\0b", 2));
  line.clear();
  EXPECT_EQ(*reader.get_line(line, 10), LineEnd::end_of_file);
  EXPECT_EQ(line, "last") << "what came after the last line feed is kept";
}

TEST_F(Stream, LimitOfALine) {
  Reader reader = reader_of("1234\n12345\nx\n");
  std::string line;
  EXPECT_EQ(*reader.get_line(line, 4), LineEnd::line) << "as long as the limit is not too long";
  line.clear();
  EXPECT_EQ(*reader.get_line(line, 4), LineEnd::too_long);
  EXPECT_EQ(line, "1234");
  line.clear();
  EXPECT_EQ(*reader.get_line(line, 4), LineEnd::line) << "the rest is left unread";
  EXPECT_EQ(line, "5");
}

TEST_F(Stream, LineAcrossManyReads) {
  const std::string half(kStreamBuffer - 1, 'x');
  Reader reader = reader_of(half + half + "\ny\n");
  std::string line;
  EXPECT_EQ(*reader.get_line(line, std::size_t{1} << 20), LineEnd::line);
  EXPECT_EQ(line, half + half);
}

TEST_F(Stream, BytesUntilTheEnd) {
  Reader reader = reader_of("ab");
  EXPECT_EQ(*reader.get(), 'a');
  EXPECT_EQ(*reader.get(), 'b');
  EXPECT_EQ(*reader.get(), std::nullopt);
  EXPECT_EQ(*reader.get(), std::nullopt);
}

TEST_F(Stream, ReadAllHasALimit) {
  ASSERT_TRUE(write_all(write_.get(), "12345"));
  write_.close();
  auto all = read_all(read_.get(), 4);
  ASSERT_FALSE(all);
  EXPECT_EQ(all.error().error, EMSGSIZE);
  EXPECT_EQ(all.error().permanence, Permanence::permanent);
}

TEST_F(Stream, ReadAllAtTheLimit) {
  EXPECT_EQ(*reader_of("12345").read_all(5), "12345");
}

TEST_F(Stream, DiscardedInputIsForgotten) {
  Reader reader = reader_of("EHLO evil\n");
  ASSERT_EQ(*reader.get(), 'E');
  reader.discard_buffered();
  EXPECT_FALSE(reader.has_buffered());
  EXPECT_EQ(*reader.get(), std::nullopt);
}

TEST_F(Stream, ReadTimeout) {
  Reader reader(read_.get(), base::Seconds(1));
  auto bytes = reader.peek();
  ASSERT_FALSE(bytes);
  EXPECT_EQ(bytes.error().error, ETIMEDOUT);
  EXPECT_EQ(bytes.error().permanence, Permanence::temporary);
}

TEST_F(Stream, ReadErrorKeepsItsErrno) {
  auto directory = open_read("/");
  ASSERT_TRUE(directory);
  EXPECT_EQ(Reader(directory->get()).peek().error().error, EISDIR);
}

TEST_F(Stream, WriterCollectsUntilFlushed) {
  Writer writer(write_.get());
  ASSERT_TRUE(writer.put("250-a\r\n"));
  ASSERT_TRUE(writer.put("250 b\r\n"));
  set_nonblocking(read_.get());
  char byte = 0;
  EXPECT_EQ(read_some(read_.get(), &byte, 1).error().error, EAGAIN)
      << "nothing was written yet";
  EXPECT_TRUE(writer.has_buffered());
  ASSERT_TRUE(writer.flush());
  EXPECT_FALSE(writer.has_buffered());
  write_.close();
  EXPECT_EQ(*read_all(read_.get(), 100), "250-a\r\n250 b\r\n");
}

TEST_F(Stream, WriterKeepsTheOrderOfLargeAndSmall) {
  Writer writer(write_.get(), 8);
  ASSERT_TRUE(writer.put("abc"));
  ASSERT_TRUE(writer.put("0123456789"));
  ASSERT_TRUE(writer.put("def"));
  ASSERT_TRUE(writer.flush());
  write_.close();
  EXPECT_EQ(*read_all(read_.get(), 100), "abc0123456789def");
}

TEST_F(Stream, WriterFailsForGood) {
  ignore_signals({SIGPIPE});
  read_.close();
  Writer writer(write_.get());
  ASSERT_TRUE(writer.put("x"));
  EXPECT_EQ(writer.flush().error().error, EPIPE);
  EXPECT_EQ(writer.put("y").error().error, EPIPE);
  EXPECT_EQ(writer.flush().error().error, EPIPE);
  default_signals({SIGPIPE});
}

TEST_F(Stream, WriteTimeout) {
  set_nonblocking(write_.get());
  Writer writer(write_.get(), base::Seconds(1), 1);
  const std::string much(std::size_t{1} << 20, 'x');
  const auto written = writer.put(much);
  ASSERT_FALSE(written);
  EXPECT_EQ(written.error().error, ETIMEDOUT);
}

}  // namespace
}  // namespace reqmail::sys
