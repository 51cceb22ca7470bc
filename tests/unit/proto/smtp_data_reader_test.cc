// What ends a message, what is data and what is refused, with bytes in pieces of any size.
#include "proto/smtp_data_reader.h"

#include <gtest/gtest.h>

#include <string>

namespace reqmail::proto {
namespace {

struct Read {
  SmtpDataState state = SmtpDataState::more;
  std::string message;
  std::size_t used = 0;
};

Read read_in_pieces(std::string_view bytes, std::size_t piece) {
  SmtpDataReader reader;
  Read read;
  while (read.used < bytes.size() && reader.state() == SmtpDataState::more) {
    const std::string_view part = bytes.substr(read.used, piece);
    const std::size_t used = reader.feed(part, read.message);
    read.used += used;
    EXPECT_TRUE(used == part.size() || reader.state() != SmtpDataState::more);
  }
  read.state = reader.state();
  return read;
}

// The result for the whole text, after a check that pieces of every size give the same.
Read read_data(std::string_view bytes) {
  const Read whole = read_in_pieces(bytes, bytes.size() + 1);
  for (std::size_t piece = 1; piece <= bytes.size(); ++piece) {
    const Read cut = read_in_pieces(bytes, piece);
    EXPECT_EQ(cut.state, whole.state) << bytes << " in pieces of " << piece;
    if (whole.state != SmtpDataState::refused) {
      EXPECT_EQ(cut.message, whole.message) << bytes << " in pieces of " << piece;
    }
    if (whole.state == SmtpDataState::ended) {
      EXPECT_EQ(cut.used, whole.used);
    }
  }
  return whole;
}

struct StoredCase {
  std::string_view sent;
  std::string_view stored;
};

TEST(SmtpDataReader, StoredForms) {
  const StoredCase cases[] = {
      {"", ""},
      {"a\r\nb\r\n", "a\nb\n"},
      {"\r\nx\r\n", "\nx\n"},
      {"..\r\n...\r\n.. a\r\n", ".\n..\n. a\n"},
      {".a\r\nb.\r\n. \r\n", "a\nb.\n \n"},
      {"a\rb\r\n", "a\rb\n"},
      {"a\r\r\nb\r\r\r\nc\r\n", "a\r\nb\r\r\nc\n"},
      {".\rb\r\n", ".\rb\n"},
      {".\r\r\nc\r\n", ".\r\nc\n"},
      {".\r.\r\nc\r\n", ".\r.\nc\n"},
      {std::string_view("a\0b\r\n", 5), std::string_view("a\0b\n", 4)},
      {"\x80\xff\r\n", "\x80\xff\n"},
  };
  for (const StoredCase& each : cases) {
    const std::string sent = std::string(each.sent) + ".\r\nQUIT\r\n";
    const Read read = read_data(sent);
    EXPECT_EQ(read.state, SmtpDataState::ended) << each.sent;
    EXPECT_EQ(read.message, each.stored) << each.sent;
    EXPECT_EQ(read.used, each.sent.size() + 3) << each.sent;
  }
}

TEST(SmtpDataReader, BareLineFeedIsRefused) {
  for (const char* sent : {"\n", "x\n", "x\ny\r\n.\r\n", "x\n.\r\n", "x\r\n.\n", "x\r\n..\n",
                           "x\n.\nMAIL", "x\r\n\n.\r\n", ".\n", ".x\n", "\r\n\n"}) {
    EXPECT_EQ(read_data(sent).state, SmtpDataState::refused) << sent;
  }
}

// Separators with which servers have been made to see an end of data where the sender did not,
// or the other way round.
TEST(SmtpDataReader, NothingElseEndsTheData) {
  using namespace std::string_view_literals;
  for (const std::string_view separator :
       {"\n.\n"sv, "\n.\r\n"sv, "\r\n.\n"sv, "\r.\r"sv, "\r.\r\n"sv, "\r\n.\r\r\n"sv,
        "\r\n\0.\r\n"sv, "\r\n.\0\r\n"sv, "\n\n.\r\n"sv, "\r\n\x85.\r\n"sv,
        "\xc2\x85.\xc2\x85"sv, "\r\n.\r.\r\n"sv}) {
    const std::string sent =
        "Subject: x\r\n\r\none" + std::string(separator) + "MAIL FROM:<evil@b.example>\r\n";
    const Read read = read_data(sent);
    EXPECT_NE(read.state, SmtpDataState::ended) << separator;
  }
}

// Bytes before CR LF "." CR LF do not matter (RFC 5321 section 4.1.1.4).
TEST(SmtpDataReader, AnotherCarriageReturnBeforeTheEndBelongsToTheLine) {
  const StoredCase cases[] = {
      {"a\r\r\n", "a\r\n"},          {"\r\r\n", "\r\n"},
      {"a\r\r\r\n", "a\r\r\n"},      {".\r\r\n", ".\r\n"},
      {"a\r\r\n..\r\n", "a\r\n.\n"}, {"a\r\r\nb\r\n", "a\r\nb\n"},
  };
  for (const StoredCase& each : cases) {
    const Read read = read_data(std::string(each.sent) + ".\r\nQUIT\r\n");
    EXPECT_EQ(read.state, SmtpDataState::ended) << each.sent;
    EXPECT_EQ(read.message, each.stored) << each.sent;
    EXPECT_EQ(read.used, each.sent.size() + 3) << each.sent;
  }
}

}  // namespace
}  // namespace reqmail::proto
