#include "proto/mail_frames.h"

#include <gtest/gtest.h>

namespace reqmail::proto {
namespace {

using Kind = FrameEvent::Kind;
using Protocol = MailFrameParser::Protocol;

std::string netstring(std::string_view data) {
  std::string out;
  base::append_netstring(out, data);
  return out;
}

// Returns the events as text; pieces of a message are joined.
std::string events_in_pieces(Protocol protocol, std::string_view bytes, std::size_t piece) {
  MailFrameParser parser(protocol);
  std::string said;
  while (!bytes.empty()) {
    std::string_view input = bytes.substr(0, piece);
    bytes.remove_prefix(input.size());
    for (;;) {
      const FrameEvent event = parser.next(input);
      if (event.kind == Kind::more) {
        EXPECT_TRUE(input.empty());
        break;
      }
      switch (event.kind) {
      case Kind::more:
        break;
      case Kind::message_start:
        said += "message ";
        break;
      case Kind::message_bytes:
        said += event.bytes;
        break;
      case Kind::sender:
        said += "|sender " + (event.unfit ? "unfit" : std::string(event.bytes));
        break;
      case Kind::recipient:
        said += "|recipient " + (event.unfit ? "unfit" : std::string(event.bytes));
        break;
      case Kind::package_end:
        said += "|end ";
        break;
      case Kind::malformed:
        return said + "|malformed";
      case Kind::too_large:
        return said + "|too large";
      }
    }
  }
  return said;
}

std::string events(Protocol protocol, std::string_view bytes) {
  const std::string whole = events_in_pieces(protocol, bytes, bytes.size() + 1);
  for (const std::size_t piece : {1U, 2U, 3U, 7U}) {
    EXPECT_EQ(events_in_pieces(protocol, bytes, piece), whole) << piece;
  }
  return whole;
}

std::string qmtp(std::string_view message, std::string_view sender,
                 std::string_view recipients) {
  return netstring(message) + netstring(sender) + netstring(recipients);
}

TEST(Qmtp, PackagesFollowEachOther) {
  const std::string one = qmtp("\nhi\n", "s@a", netstring("r@b") + netstring(""));
  EXPECT_EQ(events(Protocol::qmtp, one + qmtp("\n", "", "")),
            "message hi\n|sender s@a|recipient r@b|recipient |end message |sender |end ");
}

TEST(Qmtp, LineEnds) {
  const auto stored = [](std::string_view message) {
    const std::string said = events(Protocol::qmtp, netstring(message));
    return said.substr(std::string_view("message ").size());
  };
  EXPECT_EQ(stored("\na\r\n\rb"), "a\r\n\rb");
  EXPECT_EQ(stored("\ra\r\nb\r\n"), "a\nb\n");
  EXPECT_EQ(stored("\ra\rb\nc\r"), "a\rb\nc\r");
  EXPECT_EQ(stored("\r\r\r\n\r\r"), "\r\n\r\r");
  EXPECT_EQ(stored("\r"), "");
}

TEST(Qmtp, Malformed) {
  const std::string front = netstring("\nx") + netstring("s");
  for (const std::string& bad :
       {std::string("0:,"), netstring("Subject: x"), std::string("2:\nx;"), std::string("x"),
        front + "4:9:ab,", front + "2:12,", front + "4:1:a;,", front + "4:1:a,;",
        front + "3:1:a,", front + "1:1,", netstring("\nx") + "1:s;"}) {
    const std::string said = events(Protocol::qmtp, bad);
    EXPECT_EQ(said.substr(said.find_last_of('|')), "|malformed") << bad;
  }
}

TEST(Qmtp, TooLarge) {
  EXPECT_EQ(events(Protocol::qmtp, "2000000009:"), "");
  EXPECT_EQ(events(Protocol::qmtp, "2000000010:"), "|too large");
  EXPECT_EQ(events(Protocol::qmtp, netstring("\n") + "30000000000:"), "message |too large");
  EXPECT_EQ(events(Protocol::qmtp, netstring("\n") + netstring("") + "30000000000:"),
            "message |sender |too large");
  EXPECT_EQ(
      events(Protocol::qmtp, netstring("\n") + netstring("") + netstring("30000000000:x,")),
      "message |sender |too large");
}

TEST(Frames, UnfitAddresses) {
  const std::string longest(kFrameAddressMax - 1, 'x');
  const std::string nul("a\0b", 3);
  EXPECT_EQ(
      events(Protocol::qmtp, qmtp("\n", longest + "x", netstring(nul) + netstring(longest))),
      "message |sender unfit|recipient unfit|recipient " + longest + "|end ");
  EXPECT_EQ(events(Protocol::qmqp, netstring(netstring("") + netstring(nul) + netstring("r"))),
            "message |sender unfit|recipient r|end ");
  for (const std::string_view bad : {"a\rb", "\n", "a\x7f@b", "\x1b[2J@b", "a\t@b"}) {
    EXPECT_EQ(events(Protocol::qmtp, qmtp("\n", bad, netstring(bad))),
              "message |sender unfit|recipient unfit|end ")
        << bad;
  }
  // An unfit address has no effect on the next one.
  EXPECT_EQ(events(Protocol::qmtp, qmtp("\n", nul, "") + qmtp("\n", "s", "")),
            "message |sender unfit|end message |sender s|end ");
}

TEST(Qmqp, OneNetstringOfAll) {
  EXPECT_EQ(events(Protocol::qmqp,
                   netstring(netstring("a\r\n\n") + netstring("s@a") + netstring("r@b"))),
            "message a\r\n\n|sender s@a|recipient r@b|end ");
  EXPECT_EQ(events(Protocol::qmqp, netstring(netstring("") + netstring(""))),
            "message |sender |end ");
}

TEST(Qmqp, Malformed) {
  for (const std::string& bad :
       {std::string("0:,"), netstring(netstring("x")), std::string("12:1:x,1:a;1:b,,"),
        std::string("12:1:x,1:a,1:b;,"), std::string("12:1:x,1:a,1:b,;"), netstring("5:x,"),
        std::string("10:") + netstring("too long for that"), netstring("1"),
        netstring(netstring("x") + netstring("s") + "2000000000:")}) {
    const std::string said = events(Protocol::qmqp, bad);
    EXPECT_EQ(said.substr(said.find_last_of('|')), "|malformed") << bad;
  }
  EXPECT_EQ(events(Protocol::qmqp, "30000000000:"), "|too large");
  // A length above the limit differs from one that the container cannot hold.
  EXPECT_EQ(events(Protocol::qmqp, netstring("2000000010:x,")), "|too large");
  EXPECT_EQ(events(Protocol::qmqp, netstring(netstring("x") + "30000000000:")),
            "message x|too large");
  EXPECT_EQ(events(Protocol::qmqp, netstring(netstring("x") + netstring("s") + "9999999999:")),
            "message x|sender s|too large");
}

}  // namespace
}  // namespace reqmail::proto
