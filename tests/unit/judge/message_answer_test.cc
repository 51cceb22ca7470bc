// What is answered about a message, and that it comes over.
#include "judge/message_answer.h"

#include <gtest/gtest.h>

#include "auth822/dmarc_line.h"
#include "judge/message_protocol.h"

namespace reqmail::judge {
namespace {

using auth822::AuthWord;
using auth822::DmarcPolicy;

std::string content_of(const std::string& frame) {
  FrameSplitter splitter;
  splitter.feed(frame);
  return std::string(splitter.next().value_or(std::string_view()));
}

MessageResults failed(DmarcPolicy asked) {
  MessageResults results;
  results.author.domain = "d.example";
  results.dkim = {{AuthWord::fail,
                   "bad signature",
                   {"rsa-sha256", "x.example", "s1", "", ""},
                   "x.example"}};
  results.dmarc.word = AuthWord::fail;
  results.dmarc.policy = asked;
  results.dmarc.policy_domain = "d.example";
  results.dmarc.record = auth822::DmarcRecord();
  results.dmarc.record->policy = asked;
  results.dmarc.record->reports = "mailto:r@d.example";
  results.spf = auth822::SpfResult();
  results.spf->published = mail::SpfWord::softfail;
  return results;
}

const MessageOrigin kOrigin{"192.0.2.1", "e.example", 1796040000};

TEST(MessageAnswer, DmarcAdvisesWhatTheHostCarriesOut) {
  struct Row {
    DmarcMode mode;
    DmarcPolicy asked;
    DmarcAdvice advice;
  };

  for (const Row& row :
       {Row{DmarcMode::none, DmarcPolicy::reject, DmarcAdvice::accept},
        Row{DmarcMode::quarantine, DmarcPolicy::reject, DmarcAdvice::quarantine},
        Row{DmarcMode::reject, DmarcPolicy::quarantine, DmarcAdvice::quarantine},
        Row{DmarcMode::reject, DmarcPolicy::reject, DmarcAdvice::reject},
        Row{DmarcMode::reject, DmarcPolicy::none, DmarcAdvice::accept}}) {
    const auto answer = message_answer({row.mode, false, {}, {}}, failed(row.asked), kOrigin);
    EXPECT_EQ(answer.advice, row.advice);
    EXPECT_EQ(answer.dmarc, "fail");
  }
}

TEST(MessageAnswer, ResultsInTheirOrder) {
  const auto answer =
      message_answer({DmarcMode::none, false, {}, {}}, failed(DmarcPolicy::reject), kOrigin);
  ASSERT_EQ(answer.results.size(), 3U);
  EXPECT_TRUE(answer.results[0].starts_with("dkim=fail (bad signature) header.d=x.example"));
  EXPECT_EQ(answer.results[1], "arc=none");
  EXPECT_EQ(answer.results[2], "dmarc=fail header.from=d.example policy.dmarc=reject");
  const auto without =
      message_answer({DmarcMode::off, false, {}, {}}, failed(DmarcPolicy::reject), kOrigin);
  EXPECT_EQ(without.results.size(), 2U);
  EXPECT_EQ(without.dmarc, "");
  EXPECT_EQ(without.advice, DmarcAdvice::accept);
  EXPECT_EQ(without.line, "");
}

TEST(MessageAnswer, ALineWhereReportsAreWanted) {
  MessageResults results = failed(DmarcPolicy::reject);
  const MessageRequest request{DmarcMode::quarantine, false, {}, {}};
  const auto line = auth822::parse_dmarc_line(message_answer(request, results, kOrigin).line);
  ASSERT_TRUE(line);
  EXPECT_EQ(line->client, "192.0.2.1");
  EXPECT_EQ(line->disposition, "quarantine");
  EXPECT_EQ(line->reason, "local_policy");
  EXPECT_EQ(line->dkim, "fail");
  ASSERT_EQ(line->auth.size(), 2U);
  EXPECT_EQ(line->auth[0].domain, "x.example");
  EXPECT_EQ(line->auth[1].domain, "e.example");
  EXPECT_EQ(line->auth[1].result, "softfail");
  results.dmarc.record->reports.clear();
  EXPECT_EQ(message_answer(request, results, kOrigin).line, "");
  results = failed(DmarcPolicy::reject);
  results.dmarc.word = AuthWord::temperror;
  EXPECT_EQ(message_answer(request, results, kOrigin).line, "");
}

TEST(MessageAnswer, ALineSaysPassWhereThePolicyWouldHaveActed) {
  const MessageRequest request{DmarcMode::quarantine, false, {}, {}};
  for (const auto& [asked, word] : {std::pair{DmarcPolicy::none, "none"},
                                    {DmarcPolicy::quarantine, "pass"},
                                    {DmarcPolicy::reject, "pass"}}) {
    MessageResults results = failed(asked);
    results.dmarc.word = AuthWord::pass;
    const auto line = auth822::parse_dmarc_line(message_answer(request, results, kOrigin).line);
    ASSERT_TRUE(line);
    EXPECT_EQ(line->disposition, word);
  }
}

TEST(MessageAnswer, TroubleAndAuthors) {
  MessageResults results = failed(DmarcPolicy::reject);
  MessageRequest request{DmarcMode::reject, false, {}, {}};
  results.dmarc.word = AuthWord::temperror;
  EXPECT_EQ(message_answer(request, results, kOrigin).advice, DmarcAdvice::unknown);
  results.dmarc.word = AuthWord::permerror;
  const std::pair<auth822::Author::Fault, DmarcAdvice> faults[] = {
      {auth822::Author::Fault::not_single, DmarcAdvice::no_author},
      {auth822::Author::Fault::malformed, DmarcAdvice::malformed_author},
      {auth822::Author::Fault::no_domain, DmarcAdvice::accept},
  };
  for (const auto& [fault, advice] : faults) {
    results.author.fault = fault;
    EXPECT_EQ(message_answer(request, results, kOrigin).advice, advice);
  }
  results.author.fault = auth822::Author::Fault::not_single;
  request.exempt = true;
  EXPECT_EQ(message_answer(request, results, kOrigin).advice, DmarcAdvice::accept);
}

TEST(MessageAnswer, ATrustedForwarderVouches) {
  MessageResults results = failed(DmarcPolicy::reject);
  const MessageRequest request{DmarcMode::reject, false, {}, {"Forward.example"}};
  results.arc.word = AuthWord::pass;
  results.arc.sealer = "forward.example";
  results.arc.newest_results = " i=1; mx.forward.example; dmarc=pass header.from=d.example";
  EXPECT_EQ(message_answer(request, results, kOrigin).advice, DmarcAdvice::accept);
  results.arc.newest_results = " i=1; mx.forward.example; dmarc=fail";
  EXPECT_EQ(message_answer(request, results, kOrigin).advice, DmarcAdvice::reject);
  results.arc.newest_results = " i=1; mx.forward.example; dmarc=pass";
  results.arc.sealer = "other.example";
  EXPECT_EQ(message_answer(request, results, kOrigin).advice, DmarcAdvice::reject);
}

TEST(MessageProtocol, EverythingComesOver) {
  const MessageRequest request{DmarcMode::quarantine, true, {"a.example"}, {"b.example", "c"}};
  const auto read = decode_message_request(content_of(encode(request)));
  ASSERT_TRUE(read);
  EXPECT_EQ(read->dmarc, DmarcMode::quarantine);
  EXPECT_TRUE(read->exempt);
  EXPECT_EQ(read->exempt_authors, request.exempt_authors);
  EXPECT_EQ(read->trusted_sealers, request.trusted_sealers);
  EXPECT_EQ(decode_piece(content_of(encode_piece("a\0b,\n"))), "a\0b,\n");
  MessageAnswer answer;
  answer.results = {"dkim=pass", "bad\r\n"};
  answer.advice = DmarcAdvice::reject;
  answer.policy_domain = "d.example";
  answer.line = "t=1 x=\ny\n";
  const auto got = decode_message_answer(content_of(encode(answer)));
  ASSERT_TRUE(got);
  EXPECT_EQ(got->results, (std::vector<std::string>{"dkim=pass", "bad??"}));
  EXPECT_EQ(got->advice, DmarcAdvice::reject);
  EXPECT_EQ(got->policy_domain, "d.example");
  EXPECT_EQ(got->line, "t=1 x=?y\n");
  EXPECT_FALSE(decode_message_answer(content_of(encode_end())));
  EXPECT_FALSE(decode_piece(content_of(encode_give_up())));
  EXPECT_FALSE(decode_message_request(content_of(encode_end())));
}

}  // namespace
}  // namespace reqmail::judge
