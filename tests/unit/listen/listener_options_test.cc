// The command line of qmail-listen.
#include "listen/listener_options.h"

#include <gtest/gtest.h>

namespace reqmail::listen {
namespace {

std::optional<ListenerOptions> parse(std::vector<std::string> words) {
  words.insert(words.begin(), "qmail-listen");
  std::vector<char*> arguments;
  for (std::string& word : words) {
    arguments.push_back(word.data());
  }
  return parse_listener_options(static_cast<int>(arguments.size()), arguments.data());
}

TEST(ListenerOptions, Defaults) {
  const auto options = parse({"0", "25", "qmail-smtpd", "-x"});
  ASSERT_TRUE(options);
  EXPECT_EQ(options->connections, 40U);
  EXPECT_EQ(options->backlog, 20U);
  EXPECT_EQ(options->verbosity, Verbosity::errors);
  EXPECT_EQ(options->connection.remote_info_timeout, base::Seconds(26));
  EXPECT_TRUE(options->connection.remote_host);
  EXPECT_TRUE(options->connection.remote_info);
  EXPECT_FALSE(options->connection.verifies_remote_host);
  EXPECT_FALSE(options->connection.local_host);
  EXPECT_EQ(options->connection.limits.of_address, 0U);
  EXPECT_EQ(options->program, (std::vector<std::string>{"qmail-smtpd", "-x"}));
}

TEST(ListenerOptions, AllOptions) {
  const auto options =
      parse({"-v1XpHRoDU", "-c30", "-C", "3", "-N", "7", "-x", "r.cdb", "-u7791", "-g", "2108",
             "-b99", "-l", "here.example", "-t5", "-Bhello\r\n", "::,0", "25,587", "program"});
  ASSERT_TRUE(options);
  EXPECT_EQ(options->verbosity, Verbosity::all);
  EXPECT_TRUE(options->prints_port && options->ids_from_environment);
  EXPECT_EQ(options->connections, 30U);
  EXPECT_EQ(options->backlog, 99U);
  EXPECT_EQ(options->uid, 7791U);
  EXPECT_EQ(options->gid, 2108U);
  EXPECT_EQ(options->hosts, (std::vector<std::string>{"::", "0"}));
  EXPECT_EQ(options->ports, (std::vector<std::string>{"25", "587"}));
  const ConnectionOptions& connection = options->connection;
  EXPECT_EQ(connection.limits.of_address, 3U);
  EXPECT_EQ(connection.limits.of_network, 7U);
  EXPECT_EQ(connection.rules, "r.cdb");
  EXPECT_TRUE(connection.rules_may_be_absent);
  EXPECT_TRUE(connection.verifies_remote_host && connection.no_delay);
  EXPECT_TRUE(connection.keeps_ip_options);
  EXPECT_FALSE(connection.remote_host || connection.remote_info);
  EXPECT_EQ(connection.local_host, "here.example");
  EXPECT_EQ(connection.remote_info_timeout, base::Seconds(5));
  EXPECT_EQ(connection.banner, "hello\r\n");
}

TEST(ListenerOptions, TheLastOfAPairCounts) {
  const auto options = parse({"-vQ", "-HhRrpPoOdD", "-Dd", "0", "25", "p"});
  ASSERT_TRUE(options);
  EXPECT_EQ(options->verbosity, Verbosity::errors);
  EXPECT_TRUE(options->connection.remote_host && options->connection.remote_info);
  EXPECT_FALSE(options->connection.verifies_remote_host || options->connection.no_delay);
  EXPECT_FALSE(options->connection.keeps_ip_options);
  EXPECT_EQ(parse({"-q", "0", "25", "p"})->verbosity, Verbosity::quiet);
}

TEST(ListenerOptions, WhatIsNoCommandLine) {
  EXPECT_FALSE(parse({}));
  EXPECT_FALSE(parse({"0", "25"}));
  EXPECT_FALSE(parse({"-Z", "0", "25", "p"}));
  EXPECT_FALSE(parse({"-c"}));
  for (const char* option : {"-c0", "-cmany", "-c-1", "-C0", "-N0", "-u0", "-g0", "-b0", "-t0",
                             "-u4294967295", "-c99999999999999999999"}) {
    EXPECT_FALSE(parse({option, "0", "25", "p"})) << option;
  }
}

TEST(ListenerOptions, TheUsageNamesEveryOption) {
  for (const char letter : std::string_view("1UXpPhHrRoOdDqQvcCNxBgublt")) {
    EXPECT_NE(kListenerUsage.find(letter), std::string_view::npos) << letter;
  }
}

}  // namespace
}  // namespace reqmail::listen
