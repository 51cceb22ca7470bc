// Lines, limits, time limits and failures of the buffered streams.
#include "sys/stream.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <csignal>

#include "base/wipe.h"
#include "sys/error.h"
#include "sys/fd.h"
#include "sys/file.h"
#include "sys/secrets.h"
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

  // Returns a reader of exactly these bytes.
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
  DescriptorConnection connection(-1, write_.get(), base::Seconds(1));
  Writer writer(connection, 1);
  const std::string much(std::size_t{1} << 20, 'x');
  const auto written = writer.put(much);
  ASSERT_FALSE(written);
  EXPECT_EQ(written.error().error, ETIMEDOUT);
}

// A connection for lines: each read returns one piece, and each write is kept.
class Pieces final : public Connection {
 public:
  Result<std::size_t> read(char* buffer, std::size_t size) override {
    if (error != 0) {
      return system_failure("pieces", error);
    }
    const std::size_t count = std::min(size, text.size());
    text.copy(buffer, count);
    text.erase(0, count);
    return count;
  }

  Result<std::size_t> write_some(std::string_view bytes) override {
    if (error != 0) {
      return system_failure("pieces", error);
    }
    written.append(bytes);
    ++writes;
    return bytes.size();
  }

  void stop_at(std::chrono::milliseconds moment) override { end = moment; }

  std::string text;
  std::string written;
  std::chrono::milliseconds end{0};
  int writes = 0;
  int error = 0;
};

TEST_F(Stream, SwitchingToAConnectionForgetsWhatWasReadAhead) {
  Reader reader = reader_of("STARTTLS\r\nNOOP\r\n");
  std::string line;
  EXPECT_EQ(*reader.get_line(line, 100), LineEnd::line);
  Pieces pieces;
  pieces.text = "inside\n";
  reader.switch_to(pieces);
  line.clear();
  EXPECT_EQ(*reader.get_line(line, 100), LineEnd::line);
  EXPECT_EQ(line, "inside");
  EXPECT_EQ(*reader.get_line(line, 100), LineEnd::end_of_file);
  pieces.error = ETIMEDOUT;
  EXPECT_EQ(reader.get_line(line, 100).error().error, ETIMEDOUT);
}

TEST_F(Stream, AWriterOverAConnection) {
  Pieces pieces;
  Writer writer(write_.get());
  writer.switch_to(pieces);
  EXPECT_TRUE(writer.put("a"));
  EXPECT_TRUE(writer.put("b"));
  EXPECT_EQ(pieces.writes, 0);
  EXPECT_TRUE(writer.flush());
  EXPECT_TRUE(writer.flush());  // an empty flush writes no record
  EXPECT_EQ(pieces.written, "ab");
  EXPECT_EQ(pieces.writes, 1);
  pieces.error = EPIPE;
  EXPECT_TRUE(writer.put("c"));
  EXPECT_EQ(writer.flush().error().error, EPIPE);
  EXPECT_EQ(writer.put("d").error().error, EPIPE);
}

TEST_F(Stream, WhatHasComeIsDrainedAndNotWaitedFor) {
  ASSERT_TRUE(write_all(write_.get(), std::string(20000, 'x')));
  drain(read_.get());
  ASSERT_TRUE(write_all(write_.get(), "y"));
  char c = 0;
  EXPECT_EQ(*read_some(read_.get(), &c, 1), 1U);
  EXPECT_EQ(c, 'y');
  drain(read_.get());
}

TEST_F(Stream, ConsumedBytesAreWiped) {
  ASSERT_TRUE(write_all(write_.get(), "secret\nrest\n"));
  Reader reader(read_.get());
  std::string line;
  EXPECT_EQ(*reader.get_line(line, 100), LineEnd::line);
  const char* rest = reader.peek()->data();
  reader.wipe_consumed();
  EXPECT_EQ(std::string(rest - 7, 7), std::string(7, '\0'));
  EXPECT_EQ(*reader.peek(), "rest\n");
}

TEST(Secrets, WipedTextsAndRandomBytes) {
  std::string text = "a password that is longer than any small string";
  const char* bytes = text.data();
  base::wipe(text);
  EXPECT_TRUE(text.empty());
  EXPECT_EQ(std::string(bytes, 10), std::string(10, '\0'));
  EXPECT_EQ(random_bytes(32)->size(), 32U);
  EXPECT_NE(*random_bytes(16), *random_bytes(16));
}

}  // namespace
}  // namespace reqmail::sys
