// Single passes of the evaluation: the names that a pass still needs, and the limits of RFC
// 7208 section 4.6.4.
#include "auth822/spf_evaluation.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace reqmail::auth822 {
namespace {

class Pass : public ::testing::Test {
 protected:
  Pass() {
    request_.client = *base::IpAddress::parse("192.0.2.1");
    request_.helo = "helo.example";
    request_.sender = "user@d.example";
    request_.receiver = "me.example";
    request_.default_explanation = "no";
  }

  void know(RecordType type, const std::string& name, DnsFacts facts) {
    (void)facts_.find(type, name);
    for (const DnsQuestion& wanted : std::vector(facts_.wants())) {
      if (wanted.type == type) {
        facts_.answer(wanted, facts);
      }
    }
    facts_.clear_wants();
  }

  void text(const std::string& name, const std::string& record) {
    DnsFacts facts{DnsStatus::found, {}, {}, {}};
    facts.texts = {record};
    know(RecordType::txt, name, facts);
  }

  void address(const std::string& name, const std::string& value) {
    DnsFacts facts{DnsStatus::found, {}, {}, {}};
    facts.addresses = {*base::IpAddress::parse(value)};
    know(RecordType::a, name, facts);
  }

  void nothing(RecordType type, const std::string& name) {
    know(type, name, {DnsStatus::nothing, {}, {}, {}});
  }

  std::optional<SpfResult> pass() {
    facts_.clear_wants();
    return SpfEvaluation(request_, facts_).run();
  }

  // Returns the names that the last pass needed.
  std::vector<std::string> wanted() {
    std::vector<std::string> names;
    for (const DnsQuestion& question : facts_.wants()) {
      names.push_back(question.name);
    }
    return names;
  }

  SpfRequest request_;
  KnownFacts facts_;
};

TEST_F(Pass, ThatKnowsNothingWantsTheRecord) {
  EXPECT_FALSE(pass());
  EXPECT_EQ(wanted(), std::vector<std::string>{"d.example"});
  // A second pass has the same result, since a pass keeps no state.
  EXPECT_FALSE(pass());
  EXPECT_EQ(wanted().size(), 1U);
}

TEST_F(Pass, ThatIsWithoutANameWantsNothing) {
  request_.sender = "user@localhost";
  const auto result = pass();
  ASSERT_TRUE(result);
  EXPECT_EQ(result->word, SpfWord::none);
  EXPECT_TRUE(wanted().empty());
}

TEST_F(Pass, EndsAtTheFirstMatch) {
  text("d.example", "v=spf1 ip4:192.0.2.1 a:never.example -all");
  EXPECT_EQ(pass()->word, SpfWord::pass);
  EXPECT_TRUE(wanted().empty());
}

TEST_F(Pass, WantsAllAddressesOfExchangersAtOnce) {
  text("d.example", "v=spf1 mx -all");
  DnsFacts exchangers{DnsStatus::found, {}, {}, {}};
  exchangers.names = {"a.example", "b.example"};
  know(RecordType::mx, "d.example", exchangers);
  EXPECT_FALSE(pass());
  EXPECT_EQ(wanted(), (std::vector<std::string>{"a.example", "b.example"}));
}

std::string terms(std::size_t count) {
  std::string record = "v=spf1";
  for (std::size_t i = 0; i < count; ++i) {
    record += " a:h" + std::to_string(i) + ".example";
  }
  return record + " -all";
}

TEST_F(Pass, TermsThatAskAreLimited) {
  for (std::size_t i = 0; i <= kSpfLookupTermsMax; ++i) {
    address("h" + std::to_string(i) + ".example", "198.51.100.1");
  }
  text("d.example", terms(kSpfLookupTermsMax));
  EXPECT_EQ(pass()->word, SpfWord::fail);
  KnownFacts other;
  std::swap(facts_, other);
  for (std::size_t i = 0; i <= kSpfLookupTermsMax; ++i) {
    address("h" + std::to_string(i) + ".example", "198.51.100.1");
  }
  text("d.example", terms(kSpfLookupTermsMax + 1));
  EXPECT_EQ(pass()->word, SpfWord::permerror);
}

TEST_F(Pass, AnswersWithoutRecordsAreLimited) {
  for (std::size_t i = 0; i <= kSpfVoidLookupsMax; ++i) {
    nothing(RecordType::a, "h" + std::to_string(i) + ".example");
  }
  text("d.example", terms(kSpfVoidLookupsMax));
  EXPECT_EQ(pass()->word, SpfWord::fail);
  KnownFacts other;
  std::swap(facts_, other);
  for (std::size_t i = 0; i <= kSpfVoidLookupsMax; ++i) {
    nothing(RecordType::a, "h" + std::to_string(i) + ".example");
  }
  text("d.example", terms(kSpfVoidLookupsMax + 1));
  EXPECT_EQ(pass()->word, SpfWord::permerror);
}

TEST_F(Pass, ExchangersAreLimited) {
  text("d.example", "v=spf1 mx -all");
  DnsFacts exchangers{DnsStatus::found, {}, {}, {}};
  for (std::size_t i = 0; i <= kSpfNamesMax; ++i) {
    exchangers.names.push_back("h" + std::to_string(i) + ".example");
  }
  know(RecordType::mx, "d.example", exchangers);
  EXPECT_EQ(pass()->word, SpfWord::permerror);
}

TEST_F(Pass, AnExplanationIsCutAndPrintable) {
  text("d.example", "v=spf1 -all");
  request_.sender = "a\tb@d.example";
  request_.default_explanation = "%{l}" + std::string(2 * kSpfExplanationMax, 'x');
  const auto result = pass();
  ASSERT_TRUE(result);
  EXPECT_EQ(result->word, SpfWord::fail);
  EXPECT_EQ(result->explanation.size(), kSpfExplanationMax);
  EXPECT_EQ(result->explanation.substr(0, 4), "a?bx");
}

TEST_F(Pass, TroubleIsTemporary) {
  know(RecordType::txt, "d.example", {});
  EXPECT_EQ(pass()->word, SpfWord::temperror);
}

}  // namespace
}  // namespace reqmail::auth822
