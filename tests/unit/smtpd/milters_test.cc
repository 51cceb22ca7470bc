// Milters of a session with a service that gives fixed answers.
#include "smtpd/milters.h"

#include <gtest/gtest.h>

#include <string>

#include "filter/milter_packets.h"
#include "smtpd/filter_peer.h"
#include "smtpd/milter_connection.h"
#include "smtpd/service_socket.h"
#include "smtpd/session_filters.h"
#include "tests/unit/support/scratch.h"
#include "tests/unit/support/stub_service.h"

namespace reqmail::smtpd {
namespace {

using proto::Question;

std::string packets(std::string_view letters) {
  std::string out;
  std::string numbers;
  for (const std::uint32_t number : {6U, 0x1FFU, 0U}) {
    filter::append_milter_number(numbers, number);
  }
  filter::append_milter_packet(out, 'O', numbers);
  for (const char letter : letters) {
    filter::append_milter_packet(out, letter, {});
  }
  return out;
}

class MiltersTest : public ::testing::Test {
 protected:
  MiltersTest() : session_(proto::SmtpServerSettings()) {}

  // Returns one milter that gives these answers to the events of the session, with this option.
  Milters milters(std::string_view letters, const std::string& option = "") {
    service_.emplace(scratch_("socket"), packets(letters), true, scratch_("log"));
    return unreached(option);
  }

  [[nodiscard]] Milters unreached(const std::string& option) const {
    auto line = filter::parse_service_line("unix:" + scratch_("socket") + option,
                                           filter::milter_fallbacks());
    EXPECT_TRUE(line.has_value());
    return {{*line}, {"me", "client", "192.0.2.1", "25"}};
  }

  std::optional<proto::Refusal> mail(Milters& milters) {
    return milters.on_mail({.mailbox = "a@b"}, session_);
  }

  // Returns the answer to a whole message after MAIL.
  MessageVerdict message(Milters& milters) {
    EXPECT_FALSE(mail(milters));
    EXPECT_FALSE(milters.on_recipient({.mailbox = "c@d"}));
    EXPECT_FALSE(milters.on_data());
    EXPECT_EQ(milters.begin(session_), MessageInterest::held);
    HeldMessage held;
    for (const std::string_view block : {"A: 1\n", "\n", "body\n"}) {
      held.take(block);
      milters.take(block);
    }
    held.end();
    proto::SmtpEnvelope envelope;
    envelope.recipients = std::string("c@d\0", 4);
    return milters.judge(held, envelope);
  }

  tests::Scratch scratch_;
  std::optional<tests::StubService> service_;
  proto::SmtpServer session_;
};

TEST_F(MiltersTest, AMessagePasses) {
  // The events are connect, MAIL, RCPT, DATA, a field, the end of the header, the body, and the
  // end.
  Milters all = milters("cccccccc");
  const MessageVerdict verdict = message(all);
  EXPECT_FALSE(verdict.refusal);
  EXPECT_FALSE(verdict.discarded);
}

TEST_F(MiltersTest, ARefusalOfTheMessage) {
  Milters all = milters("cccccccr");
  const MessageVerdict verdict = message(all);
  ASSERT_TRUE(verdict.refusal);
  EXPECT_EQ(verdict.refusal->code, 550U);
  EXPECT_EQ(verdict.refusal->reason, "milter");
}

TEST_F(MiltersTest, ARefusalBeforeTheEndIsKept) {
  // The last letter is the answer to the field.
  Milters all = milters("cccct");
  const MessageVerdict verdict = message(all);
  ASSERT_TRUE(verdict.refusal);
  EXPECT_EQ(verdict.refusal->code, 451U);
}

TEST_F(MiltersTest, ARefusedConnectionIsTheAnswerToEachMail) {
  Milters all = milters("r");
  EXPECT_EQ(mail(all)->code, 550U);
  EXPECT_EQ(mail(all)->code, 550U);
}

TEST_F(MiltersTest, ADiscardedSenderDiscardsTheMessage) {
  Milters all = milters("cd");
  EXPECT_TRUE(message(all).discarded);
}

TEST_F(MiltersTest, NobodyGoesAroundARefusedSender) {
  Milters all = milters("ccr");
  EXPECT_FALSE(mail(all));
  EXPECT_TRUE(mail(all));
  EXPECT_EQ(all.on_recipient({.mailbox = "c@d"})->code, 503U);
  EXPECT_EQ(all.on_data()->code, 503U);
}

TEST_F(MiltersTest, AMilterThatIsNotThereHasADefault) {
  Milters tempfail = unreached("");
  EXPECT_EQ(mail(tempfail)->text, "content filter unavailable (#4.3.0)");
  Milters reject = unreached(",default=reject");
  EXPECT_EQ(mail(reject)->code, 550U);
  Milters accept = unreached(",default=accept");
  EXPECT_FALSE(mail(accept));
  EXPECT_FALSE(accept.on_recipient({.mailbox = "c@d"}));
  EXPECT_FALSE(accept.on_data());
  EXPECT_EQ(accept.begin(session_), MessageInterest::none);
}

TEST_F(MiltersTest, SilenceIsTheDefault) {
  Milters all = milters("cccccc", ",timeout=1");
  // There is no answer to the body.
  const MessageVerdict verdict = message(all);
  ASSERT_TRUE(verdict.refusal);
  EXPECT_EQ(verdict.refusal->code, 451U);
}

TEST(FilterPeer, NamesOfMessagesDiffer) {
  EXPECT_NE(message_name(1), message_name(2));
}

TEST(SessionFilters, TheEnvironmentReplacesTheFiles) {
  SmtpdFiles files;
  files.milters = {"unix:/a", "nonsense"};
  files.policy_services = {"unix:/b"};
  SmtpdEnvironment environment;
  std::vector<std::string> faults;
  FilterLines lines = filter_lines(files, environment, faults);
  EXPECT_EQ(lines.milters.size(), 1U);
  EXPECT_EQ(lines.policy_services.size(), 1U);
  EXPECT_EQ(faults.size(), 1U);
  environment.milters.emplace();
  lines = filter_lines(files, environment, faults);
  EXPECT_TRUE(lines.milters.empty());
  proto::MailPolicySettings settings;
  SessionFilters(lines, {}).set(settings);
  EXPECT_FALSE(settings.content_filters);
  EXPECT_TRUE(settings.policy_services);
}

TEST(ServiceSocket, AHostThatIsNotKnown) {
  const auto line =
      filter::parse_service_line("inet:no.such.name:1", filter::milter_fallbacks());
  ASSERT_TRUE(line.has_value());
  const auto socket = connect_to_service(*line, base::Seconds(1));
  ASSERT_FALSE(socket.has_value());
  EXPECT_EQ(socket.error().text, "unknown host");
}

}  // namespace
}  // namespace reqmail::smtpd
