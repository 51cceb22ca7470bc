// Messages between qmail-smtpd and qmail-mailauth are encoded and parsed without loss, and
// malformed ones are refused.
#include "judge/protocol.h"

#include <gtest/gtest.h>

#include "config.h"

namespace reqmail::judge {
namespace {

std::string content_of(const std::string& frame) {
  FrameSplitter splitter;
  splitter.feed(frame);
  return std::string(splitter.next().value_or(std::string_view()));
}

TEST(Protocol, SettingsComeOver) {
  SessionSettings settings{"mx.example", "192.0.2.1", "ip4:192.0.2.0/24",
                           "v=spf1 a",   "no %{i}",   7};
  const auto read = decode_settings(content_of(encode(settings)));
  ASSERT_TRUE(read);
  EXPECT_EQ(read->receiver, "mx.example");
  EXPECT_EQ(read->client, "192.0.2.1");
  EXPECT_EQ(read->spf_rules, "ip4:192.0.2.0/24");
  EXPECT_EQ(read->spf_guess, "v=spf1 a");
  EXPECT_EQ(read->spf_explanation, "no %{i}");
  EXPECT_EQ(read->seconds, 7U);
  EXPECT_FALSE(decode_settings(content_of(encode(SenderRequest()))));
}

TEST(Protocol, SettingsOfAnotherReleaseAreRefused) {
  std::string content = content_of(encode(SessionSettings()));
  const std::size_t release = content.find(config::kVersion);
  ASSERT_NE(release, std::string::npos);
  content[release] = 'x';
  EXPECT_FALSE(decode_settings(content));
}

TEST(Protocol, ASenderAndTheAnswerComeOver) {
  const SenderRequest request{"a@b.example", "h.example", true, false, {"x.bl.example"}};
  const auto read = decode_sender_request(content_of(encode(request)));
  ASSERT_TRUE(read);
  EXPECT_EQ(read->sender, "a@b.example");
  EXPECT_EQ(read->helo, "h.example");
  EXPECT_TRUE(read->domain);
  EXPECT_FALSE(read->spf);
  EXPECT_EQ(read->lists, std::vector<std::string>{"x.bl.example"});

  SenderAnswer answer;
  answer.domain = mail::SenderDomain::missing;
  answer.spf = mail::SpfWord::softfail;
  answer.explanation = "because\r\n250 ok";
  answer.received_spf = "Received-SPF: softfail";
  answer.result = "spf=softfail";
  answer.lists = {{mail::ListFinding::Status::found,
                   {*base::IpAddress::parse("127.0.0.2")},
                   std::string(600, 'x')},
                  {mail::ListFinding::Status::nothing, {}, {}}};
  const auto got = decode_sender_answer(content_of(encode(answer)));
  ASSERT_TRUE(got);
  EXPECT_EQ(got->domain, mail::SenderDomain::missing);
  EXPECT_EQ(got->spf, mail::SpfWord::softfail);
  EXPECT_EQ(got->explanation, "because??250 ok");
  EXPECT_EQ(got->received_spf, "Received-SPF: softfail");
  EXPECT_EQ(got->result, "spf=softfail");
  ASSERT_EQ(got->lists.size(), 2U);
  EXPECT_EQ(got->lists[0].status, mail::ListFinding::Status::found);
  EXPECT_EQ(got->lists[0].addresses, answer.lists[0].addresses);
  EXPECT_EQ(got->lists[0].text.size(), 500U);
  EXPECT_EQ(got->lists[1].status, mail::ListFinding::Status::nothing);
}

TEST(Protocol, WordsThatDoNotExistAreNonsense) {
  FrameWriter frame('m');
  frame.number(9).number(0).text("").text("").text("").number(0);
  EXPECT_FALSE(decode_sender_answer(content_of(frame.frame())));
  FrameWriter cut('m');
  cut.number(0).number(0).text("");
  EXPECT_FALSE(decode_sender_answer(content_of(cut.frame())));
}

}  // namespace
}  // namespace reqmail::judge
