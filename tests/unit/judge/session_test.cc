// A session over a real name server, without its process.
#include "judge/session.h"

#include <gtest/gtest.h>

#include "tests/unit/support/fake_dns.h"
#include "tests/unit/support/loopback_dns.h"

namespace reqmail::judge {
namespace {

// The names with an SPF record that allows nobody; a name that begins with "dead" is never
// answered, and "listed" has an address of a list.
std::optional<std::string> respond(const test::DnsRequest& request) {
  const auto asks = [&](std::string_view name, unsigned type) {
    return request.question == test::wire_name(name) + test::u16(type) + test::u16(1);
  };
  constexpr unsigned kA = 1;
  constexpr unsigned kTxt = 16;
  const auto text = [](std::string_view value) {
    return std::string(1, static_cast<char>(value.size())) + std::string(value);
  };
  if (asks("sender.example", kTxt)) {
    return test::dns_reply(
        request, {test::resource_record("sender.example", kTxt, text("v=spf1 -all"))});
  }
  if (asks("sender.example", kA)) {
    return test::dns_reply(request, {test::a_record("sender.example", "192.0.2.7")});
  }
  if (asks("listed.bl.example", kA)) {
    return test::dns_reply(request, {test::a_record("listed.bl.example", "127.0.0.2")});
  }
  if (asks("listed.bl.example", kTxt)) {
    return test::dns_reply(
        request, {test::resource_record("listed.bl.example", kTxt, text("a reason"))});
  }
  if (request.question.starts_with(test::wire_name("dead.bl.example"))) {
    return std::nullopt;
  }
  return test::dns_reply(request, {}, test::kNoSuchName);
}

class SessionTest : public ::testing::Test {
 protected:
  SessionTest() : server_(respond), session_(servers()) {}

  net::DnsServers servers() {
    net::DnsServers servers;
    servers.servers.push_back(server_.endpoint());
    return servers;
  }

  static std::string content(const std::string& frame) {
    FrameSplitter splitter;
    splitter.feed(frame);
    return std::string(splitter.next().value_or(std::string_view()));
  }

  void begin(std::uint64_t seconds = 20, const std::string& client = "192.0.2.99") {
    std::string answer = "x";
    ASSERT_TRUE(session_.take(
        content(encode(SessionSettings{"mx.example", client, "", "", "", seconds})), answer));
    EXPECT_EQ(answer, "");
  }

  SenderAnswer ask(const SenderRequest& request) {
    std::string answer;
    EXPECT_TRUE(session_.take(content(encode(request)), answer));
    return decode_sender_answer(content(answer)).value_or(SenderAnswer());
  }

  test::LoopbackDns server_;
  Session session_;
};

TEST_F(SessionTest, EverythingAboutASenderIsAskedTogether) {
  begin();
  const SenderAnswer answer = ask({"ann@sender.example",
                                   "h.example",
                                   true,
                                   true,
                                   {"listed.bl.example", "other.bl.example"}});
  EXPECT_EQ(answer.domain, mail::SenderDomain::exists);
  EXPECT_EQ(answer.spf, mail::SpfWord::fail);
  EXPECT_EQ(answer.explanation, "sorry, SPF of sender.example does not allow 192.0.2.99");
  EXPECT_TRUE(answer.received_spf.starts_with("Received-SPF: fail (mx.example: "));
  EXPECT_EQ(answer.result, "spf=fail smtp.mailfrom=ann@sender.example smtp.helo=h.example");
  ASSERT_EQ(answer.lists.size(), 2U);
  EXPECT_EQ(answer.lists[0].status, mail::ListFinding::Status::found);
  EXPECT_EQ(answer.lists[0].text, "a reason");
  EXPECT_EQ(answer.lists[1].status, mail::ListFinding::Status::nothing);
}

TEST_F(SessionTest, AnswersAreKeptForTheSession) {
  begin();
  const SenderRequest request{"ann@sender.example", "h.example", true, true, {}};
  (void)ask(request);
  const int asked = server_.count();
  EXPECT_EQ(ask(request).domain, mail::SenderDomain::exists);
  EXPECT_EQ(server_.count(), asked);
}

TEST_F(SessionTest, AStepEndsWithWhatIsKnown) {
  begin(0);
  const SenderAnswer answer =
      ask({"ann@sender.example", "h.example", true, true, {"dead.bl.example"}});
  EXPECT_EQ(answer.domain, mail::SenderDomain::unknown);
  EXPECT_EQ(answer.spf, mail::SpfWord::temperror);
  EXPECT_EQ(answer.lists.at(0).status, mail::ListFinding::Status::failed);
}

TEST_F(SessionTest, AClientWithoutAddressHasNoSpf) {
  begin(20, "");
  EXPECT_EQ(ask({"ann@sender.example", "h.example", false, true, {}}).spf, mail::SpfWord::none);
}

TEST_F(SessionTest, AMessageIsJudgedWithTheSpfOfItsSender) {
  begin();
  (void)ask({"ann@sender.example", "h.example", false, true, {}});
  std::string answer;
  const auto tell = [&](const std::string& frame) {
    return session_.take(content(frame), answer);
  };
  ASSERT_TRUE(tell(encode(MessageRequest{DmarcMode::reject, false, {}, {}})));
  ASSERT_TRUE(tell(encode_piece("From: a@sender.exa")));
  ASSERT_TRUE(tell(encode_piece("mple\n\nhi\n")));
  EXPECT_EQ(answer, "");
  ASSERT_TRUE(tell(encode_end()));
  const auto got = decode_message_answer(content(answer));
  ASSERT_TRUE(got);
  EXPECT_EQ(got->results, (std::vector<std::string>{"dkim=none", "arc=none",
                                                    "dmarc=none header.from=sender.example"}));
  EXPECT_EQ(got->advice, DmarcAdvice::accept);
  // Its end was its end.
  EXPECT_FALSE(tell(encode_end()));
}

TEST_F(SessionTest, AMessageMayBeGivenUp) {
  begin();
  std::string answer;
  ASSERT_TRUE(session_.take(content(encode(MessageRequest())), answer));
  ASSERT_TRUE(session_.take(content(encode_give_up()), answer));
  EXPECT_FALSE(session_.take(content(encode_piece("x")), answer));
}

TEST_F(SessionTest, NonsenseEndsTheSession) {
  std::string answer;
  EXPECT_FALSE(session_.take(content(encode(SenderRequest())), answer));
  Session other(servers());
  ASSERT_TRUE(other.take(content(encode(SessionSettings())), answer));
  EXPECT_FALSE(other.take("?", answer));
  EXPECT_FALSE(other.take("m1:x,", answer));
}

}  // namespace
}  // namespace reqmail::judge
