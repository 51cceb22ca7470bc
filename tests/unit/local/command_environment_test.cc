#include "local/command_environment.h"

#include <gtest/gtest.h>

#include <string>

namespace reqmail::local {
namespace {

Request request() {
  Request made;
  made.user = "alice";
  made.home = "/home/alice";
  made.local = "alice-list-a-B";
  made.dash = "-";
  made.ext = "list-a-B";
  made.host = "h.example.org";
  made.sender = "s@a.example";
  return made;
}

const TraceLines kTrace{"From s\n", "Return-Path: <s>\n", "Delivered-To: r\n"};

TEST(CommandEnvironment, HasEveryVariable) {
  const sys::Environment made =
      command_environment(sys::Environment(), request(), "n@a.example", kTrace, 5);
  const std::vector<std::string> expected = {
      "SENDER=s@a.example",
      "NEWSENDER=n@a.example",
      "RECIPIENT=alice-list-a-B@h.example.org",
      "USER=alice",
      "HOME=/home/alice",
      "LOCAL=alice-list-a-B",
      "HOST=h.example.org",
      "HOST2=h.example",
      "HOST3=h",
      "HOST4=h",
      "EXT=list-a-B",
      "EXT2=a-B",
      "EXT3=B",
      "EXT4=",
      "RPLINE=Return-Path: <s>\n",
      "DTLINE=Delivered-To: r\n",
      "UFLINE=From s\n",
      "DEFAULT=a-B",
  };
  EXPECT_EQ(made.strings(), expected);
}

TEST(CommandEnvironment, KeepsWhatIsNotItsOwn) {
  sys::Environment base;
  base.set("PATH", "/bin");
  base.set("DEFAULT", "stale");
  base.set("USER", "root");
  const sys::Environment made = command_environment(base, request(), "n", kTrace, std::nullopt);
  EXPECT_EQ(made.get("PATH"), "/bin");
  EXPECT_EQ(made.get("USER"), "alice");
  EXPECT_FALSE(made.get("DEFAULT"));
}

TEST(CommandEnvironment, DefaultPositions) {
  EXPECT_EQ(command_environment({}, request(), "", kTrace, 0).get("DEFAULT"), "list-a-B");
  EXPECT_EQ(command_environment({}, request(), "", kTrace, 8).get("DEFAULT"), "");
  EXPECT_FALSE(command_environment({}, request(), "", kTrace, 9).get("DEFAULT"));
}

TEST(HostAndExtension, LoseOnePartAtATime) {
  EXPECT_EQ(without_last_label("a.b.c"), "a.b");
  EXPECT_EQ(without_last_label("a"), "a");
  EXPECT_EQ(without_last_label(""), "");
  EXPECT_EQ(without_last_label("a."), "a");
  EXPECT_EQ(without_first_part("a-b-c"), "b-c");
  EXPECT_EQ(without_first_part("a-"), "");
  EXPECT_EQ(without_first_part("a"), "");
}

}  // namespace
}  // namespace reqmail::local
