// Policy services of a session with a service that gives fixed answers.
#include "smtpd/policy_services.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "base/text.h"
#include "tests/unit/support/scratch.h"
#include "tests/unit/support/stub_service.h"

namespace reqmail::smtpd {
namespace {

class PolicyServicesTest : public ::testing::Test {
 protected:
  PolicyServicesTest() : session_(proto::SmtpServerSettings()) {}

  PolicyServices services(const std::string& option) {
    auto line = filter::parse_service_line("unix:" + scratch_("socket") + option,
                                           filter::policy_fallbacks());
    EXPECT_TRUE(line.has_value());
    return {{*line}, {"me", "client", "192.0.2.1", "25"}};
  }

  PolicyServices answering(const std::string& answer, const std::string& option = "") {
    service_.emplace(scratch_("socket"), answer, true, scratch_("log"));
    return services(option);
  }

  std::optional<proto::Refusal> ask(PolicyServices& services) {
    return services.on_recipient({.mailbox = "c@d"}, session_);
  }

  tests::Scratch scratch_;
  std::optional<tests::StubService> service_;
  proto::SmtpServer session_;
};

TEST_F(PolicyServicesTest, ARefusal) {
  PolicyServices all = answering("action=REJECT no\n\n");
  const auto refusal = ask(all);
  ASSERT_TRUE(refusal);
  EXPECT_EQ(refusal->code, 554U);
  EXPECT_EQ(refusal->text, "no (#5.7.1)");
  EXPECT_EQ(refusal->reason, "policy");
  EXPECT_FALSE(all.deferral());
}

TEST_F(PolicyServicesTest, ADeferralWaitsForTheOthers) {
  PolicyServices all = answering("action=DEFER_IF_PERMIT later\n\n");
  EXPECT_FALSE(ask(all));
  ASSERT_TRUE(all.deferral());
  EXPECT_EQ(all.deferral()->code, 450U);
}

TEST_F(PolicyServicesTest, FieldsAndDiscards) {
  PolicyServices prepends = answering("action=PREPEND X-A: b\n\n");
  EXPECT_FALSE(ask(prepends));
  EXPECT_EQ(prepends.fields(), "X-A: b\n");
  EXPECT_EQ(prepends.begin(session_), MessageInterest::if_held);
  HeldMessage message;
  message.end();
  proto::SmtpEnvelope envelope;
  EXPECT_FALSE(prepends.judge(message, envelope).discarded);
  EXPECT_EQ(message.header().text(), "X-A: b\n");
}

TEST_F(PolicyServicesTest, AFieldCountsOnceAndEachByItself) {
  std::vector<filter::ServiceLine> lines;
  std::vector<std::unique_ptr<tests::StubService>> stubs;
  for (const char* const field : {"Y-X-A: b", "X-A: b", "Y-X-A: b"}) {
    const std::string place = scratch_(std::to_string(stubs.size()));
    stubs.push_back(std::make_unique<tests::StubService>(
        place, base::concat({"action=PREPEND ", field, "\n\n"}), true, scratch_("log")));
    lines.push_back(*filter::parse_service_line("unix:" + place, filter::policy_fallbacks()));
  }
  PolicyServices all(lines, {"me", "client", "192.0.2.1", "25"});
  EXPECT_FALSE(ask(all));
  EXPECT_EQ(all.fields(), "Y-X-A: b\nX-A: b\n");
  HeldMessage message;
  message.end();
  proto::SmtpEnvelope envelope;
  (void)all.judge(message, envelope);
  std::size_t added = 0;
  message.header().each([&added](const auto& field) { added += field.added ? 1 : 0; });
  EXPECT_EQ(message.header().text(), all.fields());
  EXPECT_EQ(added, 2U);
}

TEST_F(PolicyServicesTest, ADiscardedMessage) {
  PolicyServices all = answering("action=DISCARD\n\n");
  EXPECT_FALSE(ask(all));
  EXPECT_EQ(all.begin(session_), MessageInterest::held);
  HeldMessage message;
  proto::SmtpEnvelope envelope;
  EXPECT_TRUE(all.judge(message, envelope).discarded);
}

TEST_F(PolicyServicesTest, TroubleIsTheDefault) {
  PolicyServices absent = services("");
  EXPECT_FALSE(ask(absent));
  PolicyServices defers = services(",default=defer");
  EXPECT_EQ(ask(defers)->text, "policy service unavailable (#4.3.0)");
  EXPECT_EQ(ask(defers)->code, 451U);
  PolicyServices silent = answering("action=OK\n", ",timeout=1,default=defer");
  EXPECT_EQ(ask(silent)->code, 451U);
}

TEST_F(PolicyServicesTest, NonsenseIsTheDefaultToo) {
  PolicyServices all = answering("action=FROBNICATE\n\n", ",default=defer");
  EXPECT_EQ(ask(all)->code, 451U);
}

}  // namespace
}  // namespace reqmail::smtpd
