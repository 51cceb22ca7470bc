#include "remote/session.h"

#include <gtest/gtest.h>
#include <stdlib.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <string>
#include <utility>

#include "sys/fd.h"

namespace reqmail::remote {
namespace {

// Answers with a fixed script: each reply is ready after the client has said something that
// ends in a line feed (the greeting at once). "" hangs up.
class ScriptedPeer : public net::Connection {
 public:
  explicit ScriptedPeer(std::vector<std::string> replies) : replies_(std::move(replies)) {}

  Result<std::size_t> read(char* buffer, std::size_t size) override {
    if (next_ >= replies_.size() || replies_[next_].empty()) {
      return std::size_t{0};
    }
    std::string& reply = replies_[next_];
    const std::size_t count = std::min({size, reply.size(), piece});
    std::copy_n(reply.begin(), count, buffer);
    reply.erase(0, count);
    if (reply.empty()) {
      ++next_;
    }
    return count;
  }

  Result<void> write(std::string_view bytes) override {
    if (writes == fail_at) {
      return temporary("broken pipe", EPIPE);
    }
    ++writes;
    heard.append(bytes);
    return {};
  }

  std::size_t piece = 1000;
  int fail_at = -1;
  int writes = 0;
  std::string heard;

 private:
  std::vector<std::string> replies_;
  std::size_t next_ = 0;
};

sys::Fd file_of(std::string_view content) {
  std::string name = "/tmp/reqmail-session.XXXXXX";
  sys::Fd file(::mkstemp(name.data()));
  EXPECT_EQ(::unlink(name.c_str()), 0);
  EXPECT_EQ(::write(file.get(), content.data(), content.size()),
            static_cast<ssize_t>(content.size()));
  EXPECT_EQ(::lseek(file.get(), 0, SEEK_SET), 0);
  return file;
}

// A request with all that netqmail knows of.
Request request_for(std::vector<std::string> recipients, int message) {
  Request request;
  request.hello = "me.example";
  request.sender = "s@a.example";
  request.recipients = std::move(recipients);
  request.message = message;
  request.peer = "192.0.2.1";
  return request;
}

std::string with_bars(std::string report) {
  std::replace(report.begin(), report.end(), '\0', '|');
  return report;
}

Result<std::unique_ptr<net::Connection>> no_tls() {
  ADD_FAILURE() << "nobody asked for TLS";
  return temporary("");
}

std::string report(ScriptedPeer& peer, std::string_view message = "Subject: x\n\n.dot\n",
                   std::vector<std::string> recipients = {"r@b.example"}) {
  const sys::Fd file = file_of(message);
  const SessionEnd end = deliver(request_for(std::move(recipients), file.get()), peer, no_tls);
  EXPECT_FALSE(end.clear_may_do);
  return with_bars(end.report);
}

const std::vector<std::string> kGood = {"220 hi\r\n", "250 me\r\n", "250 s\r\n",
                                        "250 r\r\n",  "354 go\r\n", "250 done\r\n"};

std::vector<std::string> good_until(std::size_t count, std::string last) {
  std::vector<std::string> replies(kGood.begin(),
                                   kGood.begin() + static_cast<std::ptrdiff_t>(count));
  replies.push_back(std::move(last));
  return replies;
}

TEST(Session, DeliversAndReports) {
  ScriptedPeer peer(kGood);
  EXPECT_EQ(report(peer), "r|K192.0.2.1 accepted message.\nRemote host said: 250 done\n|");
  EXPECT_EQ(peer.heard,
            "EHLO me.example\r\nMAIL FROM:<s@a.example>\r\nRCPT TO:<r@b.example>\r\nDATA\r\n"
            "Subject: x\r\n\r\n..dot\r\n.\r\nQUIT\r\n");
  // Each command and the whole small message are one write.
  EXPECT_EQ(peer.writes, 6);
}

TEST(Session, RepliesMayComeByteByByteOrAheadOfTime) {
  ScriptedPeer slow(kGood);
  slow.piece = 1;
  EXPECT_EQ(report(slow), "r|K192.0.2.1 accepted message.\nRemote host said: 250 done\n|");
  std::string all;
  for (const std::string& reply : kGood) {
    all += reply;
  }
  ScriptedPeer eager({all});
  EXPECT_EQ(report(eager), "r|K192.0.2.1 accepted message.\nRemote host said: 250 done\n|");
}

TEST(Session, Refusals) {
  ScriptedPeer greeting({"554 no\r\n"});
  EXPECT_EQ(report(greeting),
            "ZConnected to 192.0.2.1 but greeting failed.\nRemote host said: 554 no\n|");
  ScriptedPeer name(good_until(1, "421 no\r\n"));
  EXPECT_EQ(report(name),
            "ZConnected to 192.0.2.1 but my name was rejected.\nRemote host said: 421 no\n|");
  ScriptedPeer sender(good_until(2, "553 no\r\n"));
  EXPECT_EQ(report(sender),
            "DConnected to 192.0.2.1 but sender was rejected.\nRemote host said: 553 no\n|");
  ScriptedPeer recipient(good_until(3, "550 no\r\n"));
  EXPECT_EQ(report(recipient),
            "h192.0.2.1 does not like recipient.\nRemote host said: 550 no\n|"
            "DGiving up on 192.0.2.1.\n|");
  ScriptedPeer data(good_until(4, "451 no\r\n"));
  EXPECT_EQ(report(data), "r|Z192.0.2.1 failed on DATA command.\nRemote host said: 451 no\n|");
  ScriptedPeer dot(good_until(5, "554 no\r\n"));
  EXPECT_EQ(report(dot),
            "r|D192.0.2.1 failed after I sent the message.\nRemote host said: 554 no\n|");
}

TEST(Session, TheConnectionDies) {
  const std::string died = "ZConnected to 192.0.2.1 but connection died. (#4.4.2)\n|";
  const std::string duplicate =
      "r|ZConnected to 192.0.2.1 but connection died. Possible duplicate! (#4.4.2)\n|";
  for (std::size_t said = 0; said < kGood.size(); ++said) {
    ScriptedPeer peer(good_until(said, ""));
    const std::string expected = said == 5 ? duplicate : (said == 4 ? "r|" : "") + died;
    EXPECT_EQ(report(peer), expected) << said;
  }
  for (int write = 0; write < 5; ++write) {
    ScriptedPeer peer(kGood);
    peer.fail_at = write;
    const std::string expected = write == 4 ? duplicate : (write == 3 ? "r|" : "") + died;
    EXPECT_EQ(report(peer), expected) << write;
  }
  // The farewell may fail.
  ScriptedPeer peer(kGood);
  peer.fail_at = 5;
  EXPECT_EQ(report(peer), "r|K192.0.2.1 accepted message.\nRemote host said: 250 done\n|");
}

TEST(Session, EndlessRepliesAreAsADeadConnection) {
  const std::string died = "ZConnected to 192.0.2.1 but connection died. (#4.4.2)\n|";
  std::string lines;
  while (lines.size() <= std::size_t{1} << 20) {
    lines += "220-and more\r\n";
  }
  ScriptedPeer endless({lines, "220 done\r\n"});
  EXPECT_EQ(report(endless), died);
  ScriptedPeer wide({"220 " + std::string(70000, 'x') + "\r\n"});
  EXPECT_EQ(report(wide), died);
}

TEST(Session, PartialFinalLine) {
  ScriptedPeer peer(kGood);
  EXPECT_EQ(report(peer, "Subject: x\n\nno end"),
            "r|DSMTP cannot transfer messages with partial final lines. (#5.6.2)\n|");
  EXPECT_EQ(peer.heard.find("\r\n.\r\n"), std::string::npos);
  EXPECT_EQ(peer.heard.find("QUIT"), std::string::npos);
}

TEST(Session, AnUnreadableMessageIsTemporary) {
  ScriptedPeer peer(kGood);
  const std::string text =
      with_bars(deliver(request_for({"r@b.example"}, -1), peer, no_tls).report);
  EXPECT_EQ(text, "r|ZUnable to read message. (#4.3.0)\n|");
}

TEST(Session, LargeMessagesGoOutInLargePieces) {
  ScriptedPeer peer(kGood);
  std::string message;
  while (message.size() < 1000000) {
    message += ".a line of it\n";
  }
  EXPECT_EQ(report(peer, message).front(), 'r');
  EXPECT_LE(peer.writes, 5 + 20);
}

}  // namespace
}  // namespace reqmail::remote
