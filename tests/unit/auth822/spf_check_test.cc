#include "auth822/spf_check.h"

#include <gtest/gtest.h>

#include <map>
#include <utility>

#include "auth822/received_spf.h"
#include "mail/idna.h"
#include "tests/unit/support/with_libidn2.h"

namespace reqmail::auth822 {
namespace {

using enum SpfWord;

// A DNS whose records are a map with keys such as "TXT name". A name without an entry does not
// exist; "?" as the only value makes the look-up fail temporarily.
class Zone {
 public:
  void add(RecordType type, std::string_view name, std::vector<std::string> values) {
    records_[question(type, name)] = std::move(values);
  }

  void txt(std::string_view name, std::string_view text) {
    add(RecordType::txt, name, {std::string(text)});
  }

  DnsFacts facts(const DnsQuestion& asked) {
    ++questions;
    const auto found = records_.find(asked);
    if (found == records_.end()) {
      return {DnsStatus::nothing, {}, {}, {}};
    }
    if (found->second == std::vector<std::string>{"?"}) {
      return {};
    }
    DnsFacts facts{DnsStatus::found, {}, {}, {}};
    for (const std::string& value : found->second) {
      if (asked.type == RecordType::a || asked.type == RecordType::aaaa) {
        facts.addresses.push_back(*base::IpAddress::parse(value));
      } else {
        (asked.type == RecordType::txt ? facts.texts : facts.names).push_back(value);
      }
    }
    return facts;
  }

  SpfResult check(SpfRequest request) {
    SpfCheck check(std::move(request));
    rounds = 0;
    while (!check.result()) {
      ++rounds;
      const auto wants = check.wants();
      EXPECT_FALSE(wants.empty());
      for (const DnsQuestion& one : wants) {
        check.answer(one, facts(one));
      }
    }
    EXPECT_TRUE(check.wants().empty());
    return *check.result();
  }

  SpfWord word(std::string_view record, std::string_view client = "192.0.2.1") {
    txt("d.example", record);
    return check(request(client)).word;
  }

  static SpfRequest request(std::string_view client = "192.0.2.1",
                            std::string_view sender = "user@d.example") {
    SpfRequest request;
    request.client = *base::IpAddress::parse(client);
    request.helo = "helo.example";
    request.sender = sender;
    request.receiver = "me.example";
    request.default_explanation = "not from %{i}";
    return request;
  }

  int questions = 0;
  int rounds = 0;

 private:
  std::map<DnsQuestion, std::vector<std::string>> records_;
};

TEST(SpfCheck, WordsOfAll) {
  Zone zone;
  EXPECT_EQ(zone.word("v=spf1 +all"), pass);
  EXPECT_EQ(zone.word("v=spf1 -all"), fail);
  EXPECT_EQ(zone.word("v=spf1 ~all"), softfail);
  EXPECT_EQ(zone.word("v=spf1 ?all"), neutral);
  EXPECT_EQ(zone.word("v=spf1"), neutral);
  EXPECT_EQ(zone.word("other text"), none);
  EXPECT_EQ(zone.word("v=spf1 bogus"), permerror);
  zone.add(RecordType::txt, "d.example", {"?"});
  EXPECT_EQ(zone.check(Zone::request()).word, temperror);
  zone.add(RecordType::txt, "d.example", {"v=spf1 -all", "v=spf1 -all"});
  EXPECT_EQ(zone.check(Zone::request()).word, permerror);
}

TEST(SpfCheck, TheNullSenderIsCheckedByHelo) {
  Zone zone;
  zone.txt("helo.example", "v=spf1 exists:%{l}.%{o} -all");
  zone.add(RecordType::a, "postmaster.helo.example", {"127.0.0.2"});
  EXPECT_EQ(zone.check(Zone::request("192.0.2.1", "")).word, pass);
}

TEST(SpfCheck, DomainsThatCanHaveNoRecordAreNotAskedFor) {
  Zone zone;
  for (const char* sender : {"a@localhost", "a@[192.0.2.1]", "a@b..example", "a@", "nobody"}) {
    EXPECT_EQ(zone.check(Zone::request("192.0.2.1", sender)).word, none) << sender;
  }
  EXPECT_EQ(zone.questions, 0);
}

TEST(SpfCheck, TheRecordOfAULabelIsThatOfItsALabel) {
  Zone zone;
  zone.txt("xn--bcher-kva.example", "v=spf1 +all");
  EXPECT_EQ(zone.check(Zone::request("192.0.2.1", "a@b\u00fccher.example")).word,
            mail::can_convert_u_labels() ? pass : none);
}

TEST(SpfCheck, AddressesAndNetworks) {
  Zone zone;
  zone.add(RecordType::a, "d.example", {"192.0.2.9", "198.51.100.1"});
  zone.add(RecordType::aaaa, "d.example", {"2001:db8::1"});
  EXPECT_EQ(zone.word("v=spf1 a -all", "192.0.2.9"), pass);
  EXPECT_EQ(zone.word("v=spf1 a -all", "192.0.2.8"), fail);
  EXPECT_EQ(zone.word("v=spf1 a/24 -all", "192.0.2.8"), pass);
  EXPECT_EQ(zone.word("v=spf1 a//64 -all", "2001:db8::ffff"), pass);
  EXPECT_EQ(zone.word("v=spf1 a//64 -all", "192.0.2.8"), fail);
  EXPECT_EQ(zone.word("v=spf1 ip4:192.0.2.128/25 -all", "192.0.2.127"), fail);
  EXPECT_EQ(zone.word("v=spf1 ip4:192.0.2.128/25 -all", "192.0.2.255"), pass);
  EXPECT_EQ(zone.word("v=spf1 ip6:2001:db8::/31 -all", "2001:db9::1"), pass);
  EXPECT_EQ(zone.word("v=spf1 ip6:2001:db8::/31 -all", "2001:dba::1"), fail);
  EXPECT_EQ(zone.word("v=spf1 ip4:0.0.0.0/0 -all", "2001:db8::1"), fail);
  zone.add(RecordType::a, "d.example", {"?"});
  EXPECT_EQ(zone.word("v=spf1 a -all"), temperror);
}

TEST(SpfCheck, ExchangersAreAskedForTogether) {
  Zone zone;
  zone.add(RecordType::mx, "d.example", {"m1.example", "m2.example", "m3.example"});
  zone.add(RecordType::a, "m3.example", {"192.0.2.1"});
  EXPECT_EQ(zone.word("v=spf1 mx -all"), pass);
  EXPECT_EQ(zone.rounds, 3);
  std::vector<std::string> many(11, "m3.example");
  zone.add(RecordType::mx, "d.example", std::move(many));
  EXPECT_EQ(zone.word("v=spf1 mx -all"), permerror);
}

TEST(SpfCheck, NamesOfTheClientMustLeadBackToIt) {
  Zone zone;
  zone.add(RecordType::ptr, "1.2.0.192.in-addr.arpa", {"liar.d.example", "true.d.example"});
  zone.add(RecordType::a, "liar.d.example", {"192.0.2.66"});
  EXPECT_EQ(zone.word("v=spf1 ptr -all"), fail);
  zone.add(RecordType::a, "true.d.example", {"192.0.2.1"});
  EXPECT_EQ(zone.word("v=spf1 ptr -all"), pass);
  EXPECT_EQ(zone.word("v=spf1 ptr:e.example -all"), fail);
  EXPECT_EQ(zone.word("v=spf1 exists:%{p}.list.example -all"), fail);
  zone.add(RecordType::a, "true.d.example.list.example", {"127.0.0.2"});
  EXPECT_EQ(zone.word("v=spf1 exists:%{p}.list.example -all"), pass);
}

TEST(SpfCheck, IncludesAndRedirects) {
  Zone zone;
  zone.txt("i.example", "v=spf1 ip4:192.0.2.1 -all");
  EXPECT_EQ(zone.word("v=spf1 include:i.example ~all"), pass);
  EXPECT_EQ(zone.word("v=spf1 -include:i.example ~all"), fail);
  EXPECT_EQ(zone.word("v=spf1 include:i.example ~all", "192.0.2.2"), softfail);
  EXPECT_EQ(zone.word("v=spf1 include:gone.example ~all"), permerror);
  EXPECT_EQ(zone.word("v=spf1 redirect=i.example", "192.0.2.2"), fail);
  EXPECT_EQ(zone.word("v=spf1 redirect=gone.example"), permerror);
  EXPECT_EQ(zone.word("v=spf1 redirect=i.example ?all", "192.0.2.2"), neutral);
}

TEST(SpfCheck, LimitsOfTermsAndOfVoidLookUps) {
  Zone zone;
  zone.add(RecordType::a, "d.example", {"192.0.2.9"});
  const std::string ten = " a a a a a a a a a a";
  EXPECT_EQ(zone.word("v=spf1" + ten + " ip4:192.0.2.1 -all"), pass);
  EXPECT_EQ(zone.word("v=spf1" + ten + " a ip4:192.0.2.1 -all"), permerror);
  EXPECT_EQ(zone.word("v=spf1 a:x.example a:y.example ?all"), neutral);
  EXPECT_EQ(zone.word("v=spf1 a:x.example a:y.example a:z.example ?all"), permerror);
  EXPECT_EQ(zone.word("v=spf1 redirect=d.example"), permerror);
  EXPECT_EQ(zone.word("v=spf1 include:d.example"), permerror);
}

TEST(SpfCheck, ExplanationsOfAFail) {
  Zone zone;
  zone.txt("d.example", "v=spf1 exp=why.%{d} -all");
  EXPECT_EQ(zone.check(Zone::request()).explanation, "not from 192.0.2.1");
  zone.txt("why.d.example", "%{i} may not send for %{d}: %{s}, %{r}");
  EXPECT_EQ(zone.check(Zone::request()).explanation,
            "192.0.2.1 may not send for d.example: user@d.example, me.example");
  zone.txt("why.d.example", "bad %{x}");
  EXPECT_EQ(zone.check(Zone::request()).explanation, "not from 192.0.2.1");
  zone.add(RecordType::txt, "why.d.example", {"one", "two"});
  EXPECT_EQ(zone.check(Zone::request()).explanation, "not from 192.0.2.1");
  zone.txt("why.d.example", "line\r\nbreak");
  EXPECT_EQ(zone.check(Zone::request()).explanation, "not from 192.0.2.1");
  zone.txt("d.example", "v=spf1 exp=why.%{d} +all");
  EXPECT_EQ(zone.check(Zone::request()).explanation, "");
}

TEST(SpfCheck, BytesOfPeersInAnExplanationAreMasked) {
  Zone zone;
  zone.txt("d.example", "v=spf1 exp=why.d.example -all");
  zone.txt("why.d.example", "%{h}|%{l}");
  SpfRequest request = Zone::request("192.0.2.1", "a\r\n550 b@d.example");
  request.helo = "x\x80";
  EXPECT_EQ(zone.check(request).explanation, "x?|a??550 b");
  request.helo = std::string(600, 'h');
  EXPECT_EQ(zone.check(request).explanation.size(), 500U);
}

TEST(SpfCheck, RulesOfTheHostComeJustBeforeTheEnd) {
  Zone zone;
  SpfRequest request = Zone::request();
  request.rules = "include:trusted.example";
  zone.txt("trusted.example", "v=spf1 ip4:192.0.2.1 -all");
  for (const char* record : {"v=spf1 -all", "v=spf1 ~all", "v=spf1 ip4:198.51.100.1"}) {
    zone.txt("d.example", record);
    const SpfResult result = zone.check(request);
    EXPECT_EQ(result.word, pass) << record;
    EXPECT_TRUE(result.local_policy) << record;
    EXPECT_NE(result.published, pass) << record;
  }
  zone.txt("d.example", "v=spf1 -ip4:192.0.2.1 +all");
  EXPECT_EQ(zone.check(request).word, fail);
  EXPECT_FALSE(zone.check(request).local_policy);
  request.rules = "bogus";
  zone.txt("d.example", "v=spf1 -all");
  EXPECT_EQ(zone.check(request).word, fail);
}

TEST(SpfCheck, TheGuessIsForDomainsWithoutARecord) {
  Zone zone;
  SpfRequest request = Zone::request();
  request.guess = "v=spf1 a/24 mx/24 ptr ?all";
  zone.add(RecordType::a, "d.example", {"192.0.2.200"});
  const SpfResult guessed = zone.check(request);
  EXPECT_EQ(guessed.word, pass);
  EXPECT_TRUE(guessed.local_policy);
  EXPECT_EQ(guessed.published, none);
  zone.txt("d.example", "v=spf1 -all");
  EXPECT_EQ(zone.check(request).word, fail);
}

TEST(SpfCheck, AnAnswerThatNobodyAskedForChangesNothing) {
  SpfCheck check(Zone::request());
  check.answer(question(RecordType::txt, "other.example"),
               {DnsStatus::found, {}, {}, {"v=spf1 -all"}});
  EXPECT_FALSE(check.result());
  EXPECT_EQ(check.wants().size(), 1U);
}

TEST(ReceivedSpf, SaysWhatWasChecked) {
  SpfRequest request = Zone::request();
  SpfResult result;
  result.word = pass;
  EXPECT_EQ(
      received_spf(request, result),
      "Received-SPF: pass (me.example: domain of d.example designates 192.0.2.1 as permitted "
      "sender) client-ip=192.0.2.1; envelope-from=\"user@d.example\"; helo=helo.example;");
  result.local_policy = true;
  EXPECT_NE(received_spf(request, result).find("local policy"), std::string::npos);
}

TEST(ReceivedSpf, BytesOfPeersCannotLeaveTheirPlace) {
  SpfRequest request = Zone::request();
  request.sender = "a\"\\b\r\nX: y@d)(.example";
  request.helo = "h\r\n;x";
  const std::string field = received_spf(request, SpfResult());
  EXPECT_EQ(field.find_first_of("\r\n"), std::string::npos);
  EXPECT_NE(field.find("envelope-from=\"a\\\"\\\\b??X: y@d)(.example\""), std::string::npos);
  EXPECT_NE(field.find("helo=\"h??;x\";"), std::string::npos);
  EXPECT_NE(field.find("domain of d??.example"), std::string::npos);
}

}  // namespace
}  // namespace reqmail::auth822
