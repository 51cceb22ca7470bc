// The POP3 state machines, and the form of messages on the wire.
#include "proto/pop3.h"

#include <gtest/gtest.h>

#include <string>

#include "proto/pop3_login.h"

namespace reqmail::proto {
namespace {

TEST(Pop3Login, UserThenPass) {
  Pop3Login login;
  EXPECT_EQ(login.handle("STAT\r").reply, "-ERR authorization first\r\n");
  EXPECT_EQ(login.handle("PASS x\r").reply, "-ERR USER first\r\n");
  EXPECT_EQ(login.handle("USER \r").reply, "-ERR syntax error\r\n");
  EXPECT_EQ(login.handle("user  alice b \r").reply, "+OK \r\n");
  EXPECT_EQ(login.handle("PASS\r").reply, "-ERR syntax error\r\n");
  const Pop3LoginStep step = login.handle("PASS a b \r");
  EXPECT_EQ(step.reply, "");
  ASSERT_TRUE(step.check);
  EXPECT_EQ(step.check->user, "alice b ");
  EXPECT_EQ(step.check->secret, "a b ");
}

TEST(Pop3Login, Apop) {
  Pop3Login login;
  EXPECT_EQ(login.handle("APOP").reply, "-ERR syntax error\r\n");
  EXPECT_EQ(login.handle("APOP alice").reply, "-ERR syntax error\r\n");
  const Pop3LoginStep step = login.handle("apop alice  01 23");
  ASSERT_TRUE(step.check);
  EXPECT_EQ(step.check->user, "alice");
  EXPECT_EQ(step.check->secret, " 01 23");
}

// A NUL would end a field in the checker's input and begin the next one.
TEST(Pop3Login, NulIsASyntaxError) {
  using namespace std::string_view_literals;
  Pop3Login login;
  EXPECT_EQ(login.handle("USER alice\0root"sv).reply, "-ERR syntax error\r\n");
  EXPECT_EQ(login.handle("APOP alice\0 x"sv).reply, "-ERR syntax error\r\n");
  EXPECT_EQ(login.handle("PASS x").reply, "-ERR USER first\r\n");
}

TEST(Pop3Login, QuitNoopCapa) {
  Pop3Login login;
  EXPECT_EQ(login.handle("NOOP x").reply, "+OK \r\n");
  EXPECT_EQ(login.handle("CAPA").reply, "+OK \r\nUSER\r\nUIDL\r\nTOP\r\nPIPELINING\r\n.\r\n");
  EXPECT_TRUE(login.handle("QUIT now").quit);
}

TEST(Pop3Login, StlsWhereItIsOfferedAndOnce) {
  Pop3Login login;
  EXPECT_EQ(login.handle("STLS", false).reply, "-ERR authorization first\r\n");
  EXPECT_EQ(login.handle("CAPA", true).reply,
            "+OK \r\nUSER\r\nUIDL\r\nTOP\r\nPIPELINING\r\nSTLS\r\n.\r\n");
  EXPECT_EQ(login.handle("STLS now", true).reply, "-ERR syntax error\r\n");
  EXPECT_EQ(login.handle("USER alice", true).reply, "+OK \r\n");
  const Pop3LoginStep step = login.handle("stls \r", true);
  EXPECT_TRUE(step.start_tls);
  EXPECT_EQ(step.reply, "");
  EXPECT_FALSE(step.check);
  // If TLS could not begin, the state is as before.
  EXPECT_TRUE(login.handle("PASS x", true).check);
  login.secured();
  EXPECT_EQ(login.handle("PASS x", true).reply, "-ERR USER first\r\n");
  EXPECT_EQ(login.handle("STLS", true).reply, "-ERR authorization first\r\n");
  EXPECT_EQ(login.handle("CAPA", true).reply,
            "+OK \r\nUSER\r\nSASL PLAIN\r\nUIDL\r\nTOP\r\nPIPELINING\r\n.\r\n");
}

TEST(Pop3Login, NothingInClearWhereTlsIsRequired) {
  Pop3Login login(Pop3LoginPolicy{true, false});
  for (const char* line : {"USER alice", "PASS x", "APOP alice x"}) {
    const Pop3LoginStep step = login.handle(line, true);
    EXPECT_EQ(step.reply, "-ERR STLS first\r\n");
    EXPECT_FALSE(step.check);
  }
  EXPECT_EQ(login.handle("CAPA", true).reply,
            "+OK \r\nUIDL\r\nTOP\r\nPIPELINING\r\nSTLS\r\n.\r\n");
  EXPECT_EQ(login.handle("CAPA", false).reply, "+OK \r\nUIDL\r\nTOP\r\nPIPELINING\r\n.\r\n");
  EXPECT_TRUE(login.handle("QUIT", true).quit);
  login.secured();
  EXPECT_EQ(login.handle("USER alice", true).reply, "+OK \r\n");
  EXPECT_TRUE(login.handle("PASS x", true).check);
  Pop3Login implicit(Pop3LoginPolicy{true, true});
  EXPECT_TRUE(implicit.handle("APOP alice x", true).check);
}

TEST(Pop3Login, NoApopWithoutATimestamp) {
  Pop3LoginPolicy policy;
  policy.apop = false;
  Pop3Login login(policy);
  EXPECT_EQ(login.handle("APOP alice 01").reply, "-ERR authorization first\r\n");
  policy.tls_required = true;
  EXPECT_EQ(Pop3Login(policy).handle("APOP alice 01").reply, "-ERR authorization first\r\n");
}

TEST(Pop3Login, AuthPlainInTlsAlone) {
  Pop3Login login;
  EXPECT_EQ(login.handle("AUTH PLAIN AGpvZQB4").reply, "-ERR authorization first\r\n");
  login.secured();
  for (const char* line : {"AUTH PLAIN AGpvZQB4\r", "auth plain  AGpvZQB4 \t"}) {
    const Pop3LoginStep step = login.handle(line);
    ASSERT_TRUE(step.check) << line;
    EXPECT_EQ(step.reply, "");
    EXPECT_EQ(step.check->user, "joe");
    EXPECT_EQ(step.check->secret, "x");
    EXPECT_EQ(step.check->method, Pop3Method::plain);
  }
  EXPECT_EQ(login.handle("AUTH PLAIN \r").reply, "+ \r\n");
  EXPECT_TRUE(login.handle("AGpvZQB4\r").check);
  EXPECT_EQ(login.handle("AUTH PLAIN").reply, "+ \r\n");
  EXPECT_EQ(login.handle("*\r").reply, "-ERR auth exchange canceled\r\n");
  EXPECT_EQ(login.handle("AUTH PLAIN").reply, "+ \r\n");
  EXPECT_EQ(login.handle("QUIT").reply, "-ERR syntax error\r\n");
  EXPECT_TRUE(login.handle("QUIT").quit);
  for (const char* line :
       {"AUTH", "AUTH LOGIN", "AUTH PLAINx", "AUTH PLAIN =", "AUTH PLAIN !"}) {
    EXPECT_EQ(login.handle(line).reply, "-ERR syntax error\r\n") << line;
  }
}

Pop3Mailbox mailbox() {
  return Pop3Mailbox({{"one", 10, false}, {"two", 20, false}, {"three", 30, false}});
}

TEST(Pop3Mailbox, ListsAndCounts) {
  Pop3Mailbox box = mailbox();
  EXPECT_EQ(box.handle("stat x\r").reply, "+OK 3 60\r\n");
  EXPECT_EQ(box.handle("LIST\r").reply, "+OK \r\n1 10\r\n2 20\r\n3 30\r\n.\r\n");
  EXPECT_EQ(box.handle("LIST 003 junk\r").reply, "+OK 3 30\r\n");
  EXPECT_EQ(box.handle("UIDL\r").reply, "+OK \r\n1 one\r\n2 two\r\n3 three\r\n.\r\n");
  EXPECT_EQ(box.handle("UIDL 2\r").reply, "+OK 2 two\r\n");
}

TEST(Pop3Mailbox, WrongNumbers) {
  Pop3Mailbox box = mailbox();
  for (const char* verb : {"LIST ", "UIDL ", "RETR ", "TOP ", "DELE "}) {
    EXPECT_EQ(box.handle(std::string(verb) + "x").reply, "-ERR syntax error\r\n");
    EXPECT_EQ(box.handle(std::string(verb) + "-1").reply, "-ERR syntax error\r\n");
    EXPECT_EQ(box.handle(std::string(verb) + "0").reply,
              "-ERR messages are counted from 1\r\n");
    for (const char* number : {"4", "4294967297", "18446744073709551617"}) {
      EXPECT_EQ(box.handle(std::string(verb) + number).reply,
                "-ERR not that many messages\r\n");
    }
  }
  EXPECT_EQ(box.handle("RETR").reply, "-ERR syntax error\r\n");
  EXPECT_EQ(box.handle("XYZ").reply, "-ERR unimplemented\r\n");
  EXPECT_EQ(box.handle(" STAT").reply, "-ERR unimplemented\r\n");
  EXPECT_EQ(box.handle("STAT\r\r").reply, "-ERR unimplemented\r\n");
}

TEST(Pop3Mailbox, DeletedMessages) {
  Pop3Mailbox box = mailbox();
  EXPECT_EQ(box.handle("DELE 2").reply, "+OK \r\n");
  EXPECT_EQ(box.handle("DELE 2").reply, "-ERR already deleted\r\n");
  EXPECT_EQ(box.handle("STAT").reply, "+OK 3 40\r\n");
  EXPECT_EQ(box.handle("LIST").reply, "+OK \r\n1 10\r\n3 30\r\n.\r\n");
  EXPECT_EQ(box.handle("LAST").reply, "+OK 2\r\n");
  EXPECT_EQ(box.handle("DELE 1").reply, "+OK \r\n");
  EXPECT_EQ(box.handle("LAST").reply, "+OK 2\r\n");
  EXPECT_TRUE(box.deleted(0));
  EXPECT_FALSE(box.deleted(2));
  EXPECT_EQ(box.handle("RSET").reply, "+OK \r\n");
  EXPECT_EQ(box.handle("LAST").reply, "+OK 0\r\n");
  EXPECT_FALSE(box.deleted(0));
}

TEST(Pop3Mailbox, RetrAndTopAreOne) {
  Pop3Mailbox box = mailbox();
  for (const char* verb : {"RETR ", "TOP "}) {
    const auto whole = box.handle(std::string(verb) + "2").retrieve;
    ASSERT_TRUE(whole);
    EXPECT_EQ(whole->index, 1U);
    EXPECT_FALSE(whole->body_lines);
    EXPECT_EQ(box.handle(std::string(verb) + "2 5x").retrieve->body_lines, 5U);
    EXPECT_FALSE(box.handle(std::string(verb) + "2x5").retrieve->body_lines);
  }
  EXPECT_TRUE(box.handle("QUIT").quit);
}

std::string wire_form(std::string_view message, std::optional<std::uint64_t> lines,
                      std::size_t piece) {
  Pop3MessageWriter writer(lines);
  std::string wire;
  for (std::size_t i = 0; i < message.size(); i += piece) {
    writer.feed(message.substr(i, piece), wire);
  }
  writer.finish(wire);
  return wire;
}

struct WireCase {
  std::string_view message;
  std::optional<std::uint64_t> lines;
  std::string_view wire;
};

TEST(Pop3MessageWriter, WireForms) {
  const WireCase cases[] = {
      {"", {}, "\r\n.\r\n"},
      {"\n", {}, "\r\n\r\n.\r\n"},
      {"S: x\n\nend", {}, "S: x\r\n\r\nend\r\n\r\n.\r\n"},
      {"S: x\n\n.\n..\n.a\nb.\n", {}, "S: x\r\n\r\n..\r\n...\r\n..a\r\nb.\r\n\r\n.\r\n"},
      {"S: x\r\n", {}, "S: x\r\r\n\r\n.\r\n"},
      {"S: x\n\n.", {}, "S: x\r\n\r\n..\r\n\r\n.\r\n"},
      {"S: x\nT: y\n\none\n.two\n", 0, "S: x\r\nT: y\r\n\r\n\r\n.\r\n"},
      {"S: x\n\none\n.two\nthree\n", 2, "S: x\r\n\r\none\r\n..two\r\n\r\n.\r\n"},
      {"S: x\n\none\n", 9, "S: x\r\n\r\none\r\n\r\n.\r\n"},
      {"S: x\n\none\ntwo", 1, "S: x\r\n\r\none\r\n\r\n.\r\n"},
      {"S: x\nno newline", 0, "S: x\r\nno newline\r\n\r\n.\r\n"},
      {"S: x\n\n\n\n", 1, "S: x\r\n\r\n\r\n\r\n.\r\n"},
  };
  for (const WireCase& each : cases) {
    for (std::size_t piece = 1; piece <= each.message.size() + 1; ++piece) {
      EXPECT_EQ(wire_form(each.message, each.lines, piece), each.wire)
          << each.message << " in pieces of " << piece;
    }
  }
}

}  // namespace
}  // namespace reqmail::proto
