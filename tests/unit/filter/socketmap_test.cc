#include "filter/socketmap.h"

#include <gtest/gtest.h>

namespace reqmail::filter {
namespace {

using Status = SocketmapAnswer::Status;

std::optional<SocketmapAnswer> read(std::string_view bytes, std::size_t piece) {
  SocketmapReader reader;
  for (std::size_t at = 0; at < bytes.size(); at += piece) {
    if (auto answer = reader.feed(bytes.substr(at, piece))) {
      return answer;
    }
  }
  return std::nullopt;
}

TEST(Socketmap, Request) {
  EXPECT_EQ(socketmap_request("QUERY", "b.example"), "15:QUERY b.example,");
}

TEST(Socketmap, Answers) {
  for (const std::size_t piece : {1U, 3U, 100U}) {
    const auto found = read("16:OK secure match=,", piece);
    ASSERT_TRUE(found);
    EXPECT_EQ(found->status, Status::found);
    EXPECT_EQ(found->value, "secure match=");
    EXPECT_EQ(read("9:NOTFOUND ,", piece)->status, Status::not_found);
    for (const char* failed : {"6:TEMP x,", "8:TIMEOUT ,", "5:PERM ,", "2:OK,", "0:,",
                               "x:", "9:NOTFOUND x", "100001:", "3:WHY,"}) {
      const auto answer = read(failed, piece);
      ASSERT_TRUE(answer) << failed;
      EXPECT_EQ(answer->status, Status::failed) << failed;
    }
    EXPECT_FALSE(read("10:OK ", piece));
    EXPECT_FALSE(read("10", piece));
  }
}

TEST(Socketmap, Places) {
  const auto path = parse_socketmap_place("unix:/run/sts.sock:QUERY");
  ASSERT_TRUE(path);
  EXPECT_EQ(path->service.host, "/run/sts.sock");
  EXPECT_EQ(path->map, "QUERY");
  const auto inet = parse_socketmap_place("inet:127.0.0.1:8461:postfix");
  ASSERT_TRUE(inet);
  EXPECT_EQ(inet->service.port, 8461);
  EXPECT_EQ(inet->map, "postfix");
}

TEST(Socketmap, WhatIsNoPlace) {
  for (const char* text : {"", "unix:/run/sts.sock:", "inet:127.0.0.1:postfix", "x:y:z",
                           "unix:/run/x,timeout=4:QUERY"}) {
    EXPECT_FALSE(parse_socketmap_place(text)) << text;
  }
}

}  // namespace
}  // namespace reqmail::filter
