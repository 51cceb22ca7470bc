// The system's resolver library, in a private network that has name servers at the addresses in
// resolv.conf.
#include "net/dns_libresolv.h"

#include <gtest/gtest.h>

#include <cerrno>
#include <functional>
#include <string>

#include "net/dns_tool.h"
#include "sys/stream.h"
#include "tests/unit/support/child_report.h"
#include "tests/unit/support/fake_dns.h"
#include "tests/unit/support/loopback_dns.h"
#include "tests/unit/support/private_host.h"

namespace reqmail::net {
namespace {

using test::a_record;
using test::dns_reply;
using test::DnsRequest;
using test::LoopbackDns;

constexpr std::uint16_t kDomain = 53;
constexpr int kSaid = 9;

void say(const std::string& text) {
  (void)sys::write_all(kSaid, text);
}

// Returns what `act` prints in a process whose only name server answers in this way.
std::string with_server(const LoopbackDns::Respond& respond,
                        const std::function<void(LoopbackDns&)>& act) {
  const auto report = tests::report_of_child(kSaid, [&] {
    if (!tests::enter_private_network("nameserver 127.0.0.1\noptions timeout:1 attempts:1\n")) {
      say("no private network here");
      return;
    }
    LoopbackDns server(respond, kDomain);
    act(server);
  });
  return report.said;
}

// Returns the result of a question for the address of x.example, a code or an error, and how
// often the server was asked.
std::string ask(const LoopbackDns::Respond& respond) {
  return with_server(respond, [](const LoopbackDns& server) {
    SystemDns dns;
    const auto answer = dns.ask(*DnsName::from_text("x.example"), DnsType::a);
    const int code = answer ? (*answer)[3] & 0xf : -answer.error().error;
    say(std::to_string(code) + " after " + std::to_string(server.count()));
  });
}

class SystemDnsTest : public ::testing::Test {
 protected:
  void SetUp() override {
    if (with_server([](const DnsRequest&) { return std::nullopt; },
                    [](const LoopbackDns&) {}) != "") {
      GTEST_SKIP() << "no private network here";
    }
  }
};

TEST_F(SystemDnsTest, GivesTheWholeAnswer) {
  const std::string said = with_server(
      [](const DnsRequest& request) {
        return dns_reply(request, {a_record("x.example", "192.0.2.1")});
      },
      [](const LoopbackDns&) {
        SystemDns dns;
        const auto found =
            Dns(dns).addresses(*DnsName::from_text("x.example"), base::Family::v4);
        say(found.records.empty() ? "nothing" : found.records[0].text());
      });
  EXPECT_EQ(said, "192.0.2.1");
}

TEST_F(SystemDnsTest, ANegativeAnswerIsAnAnswer) {
  EXPECT_EQ(
      ask([](const DnsRequest& request) { return dns_reply(request, {}, test::kNoSuchName); }),
      "3 after 1");
}

TEST_F(SystemDnsTest, SilenceIsATimeOut) {
  EXPECT_EQ(ask([](const DnsRequest&) { return std::nullopt; }),
            std::to_string(-ETIMEDOUT) + " after 1");
}

// A server from before EDNS0 (RFC 6891 section 7).
TEST_F(SystemDnsTest, AFormatErrorIsAskedOnceMoreInTheOldForm) {
  EXPECT_EQ(ask([](const DnsRequest& request) {
              return request.edns ? dns_reply(request, {}, 1)
                                  : dns_reply(request, {a_record("x.example", "192.0.2.1")});
            }),
            "0 after 2");
  // A format error to the second question is the answer.
  EXPECT_EQ(ask([](const DnsRequest& request) { return dns_reply(request, {}, 1); }),
            "1 after 2");
}

TEST_F(SystemDnsTest, WhatIsCutComesByTcp) {
  constexpr unsigned kTruncated = 0x200;
  EXPECT_EQ(ask([](const DnsRequest& request) {
              return request.tcp ? dns_reply(request, {a_record("x.example", "192.0.2.1")})
                                 : dns_reply(request, {}, 0, kTruncated);
            }),
            "0 after 2");
}

TEST_F(SystemDnsTest, QuestionsHaveDifferentIds) {
  const std::string said = with_server(
      [](const DnsRequest& request) {
        say(request.id);
        return dns_reply(request, {});
      },
      [](const LoopbackDns&) {
        SystemDns dns;
        for (int i = 0; i < 4; ++i) {
          (void)dns.ask(*DnsName::from_text("x.example"), DnsType::a);
        }
      });
  ASSERT_EQ(said.size(), 8U);
  EXPECT_FALSE(said.substr(0, 2) == said.substr(2, 2) &&
               said.substr(0, 2) == said.substr(4, 2));
}

// --- The small commands ---

struct ToolEnd {
  int code;
  std::string said;
};

// Returns how such a command ends with this answer, and what it writes to this descriptor.
ToolEnd tool(int fd, std::vector<std::string> words, DnsQuestion question) {
  const auto report = tests::report_of_child(fd, [&] {
    std::vector<char*> arguments;
    for (std::string& word : words) {
      arguments.push_back(word.data());
    }
    arguments.push_back(nullptr);
    ::_exit(dns_tool(static_cast<int>(words.size()), arguments.data(), "usage", question));
  });
  return {report.end.code, report.said};
}

template <LookupStatus status>
DnsToolAnswer answer(const Dns& /*dns*/, std::string_view argument) {
  return {status, "<" + std::string(argument) + ">"};
}

TEST(DnsTool, TakesOneArgument) {
  for (const auto& words : {std::vector<std::string>{"t"}, {"t", "a", "b"}}) {
    const ToolEnd end = tool(2, words, answer<LookupStatus::found>);
    EXPECT_EQ(end.code, 100);
    EXPECT_EQ(end.said, "usage\n");
  }
}

TEST(DnsTool, PrintsWhatIsFound) {
  const ToolEnd end = tool(1, {"t", "a.example"}, answer<LookupStatus::found>);
  EXPECT_EQ(end.code, 0);
  EXPECT_EQ(end.said, "<a.example>\n");
}

TEST(DnsTool, ErrorsAreHardOrSoft) {
  const ToolEnd none = tool(2, {"t", "a"}, answer<LookupStatus::nothing>);
  EXPECT_EQ(none.code, 100);
  EXPECT_EQ(none.said, "hard error\n");
  EXPECT_EQ(tool(2, {"t", "a"}, answer<LookupStatus::leads_nowhere>).code, 100);
  const ToolEnd late = tool(2, {"t", "a"}, answer<LookupStatus::temporary>);
  EXPECT_EQ(late.code, 111);
  EXPECT_EQ(late.said, "soft error\n");
  // Nothing is printed then.
  EXPECT_EQ(tool(1, {"t", "a"}, answer<LookupStatus::nothing>).said, "");
}

TEST(DnsTool, AddressesOfAHost) {
  test::FakeDns servers;
  servers.add("A two.example",
              {a_record("two.example", "192.0.2.1"), a_record("two.example", "192.0.2.2")});
  servers.add_silence("A late.example");
  const Dns dns(servers);
  const DnsToolAnswer found = addresses_of(dns, "two.example");
  EXPECT_EQ(found.status, LookupStatus::found);
  EXPECT_EQ(found.text, "192.0.2.1 192.0.2.2 ");
  EXPECT_EQ(addresses_of(dns, "none.example").status, LookupStatus::nothing);
  EXPECT_EQ(addresses_of(dns, "late.example").status, LookupStatus::temporary);
  // A name that cannot be encoded is not a host.
  servers.asked.clear();
  EXPECT_EQ(addresses_of(dns, "a..b").status, LookupStatus::nothing);
  EXPECT_TRUE(servers.asked.empty());
}

}  // namespace
}  // namespace reqmail::net
