#include "dnscheck/domain_checks.h"

#include <gtest/gtest.h>

#include "base/base64.h"
#include "tests/unit/dnscheck/support.h"

namespace reqmail::dnscheck {
namespace {

using auth822::RecordType;
using Lines = std::vector<std::string>;

class DomainChecksTest : public ::testing::Test {
 protected:
  template <typename Check>
  Lines run(Check check) {
    Report report("d.example");
    check(subject_, answers_, report);
    return lines_of(report);
  }

  Subject subject_ = usual_subject();
  FakeAnswers answers_;
};

TEST_F(DomainChecksTest, Exchangers) {
  const std::string record = "; publish: d.example. IN MX 10 mail.d.example.";
  EXPECT_EQ(run(check_exchangers),
            Lines{"critical mx: d.example has neither an MX record nor an address" + record});
  answers_.a("d.example", "192.0.2.1");
  EXPECT_EQ(run(check_exchangers),
            Lines{"warning mx: d.example has no MX record; mail goes to its address" + record});
  answers_.add(RecordType::mx, "d.example", "mx.example");
  EXPECT_EQ(run(check_exchangers), Lines{"critical mx: mx.example does not have an address; "
                                         "publish: mx.example. IN A ADDRESS"});
  answers_.a("mx.example", "192.0.2.9");
  EXPECT_EQ(run(check_exchangers),
            Lines{"warning mx: mail for d.example goes to mx.example, which is not this host, "
                  "although it accepts such mail" +
                  record});
  subject_.receives = false;
  EXPECT_EQ(run(check_exchangers), Lines{"ok mx: mail for d.example goes to mx.example"});
  subject_.receives = true;
  answers_.a("mx.example", "192.0.2.1");
  EXPECT_EQ(run(check_exchangers), Lines{"ok mx: mail for d.example goes to mx.example"});
  answers_.fail(RecordType::mx, "d.example");
  EXPECT_TRUE(run(check_exchangers)[0].starts_with("unknown mx: "));
}

TEST_F(DomainChecksTest, ADomainWithoutMail) {
  answers_.add(RecordType::mx, "d.example", ".");
  EXPECT_TRUE(run(check_exchangers)[0].starts_with("critical mx: d.example accepts no mail"));
}

TEST_F(DomainChecksTest, AnExchangerOfUnknownAddress) {
  answers_.add(RecordType::mx, "d.example", "mx.example");
  answers_.fail(RecordType::a, "mx.example");
  EXPECT_TRUE(run(check_exchangers)[0].starts_with("unknown mx: "));
}

TEST_F(DomainChecksTest, SenderPolicy) {
  EXPECT_EQ(run(check_sender_policy),
            Lines{"warning spf: d.example has no SPF record; publish: d.example. IN TXT "
                  "\"v=spf1 mx ip4:192.0.2.1 ~all\""});
  answers_.txt("d.example", "v=spf1 ip4:192.0.2.0/28 -all");
  EXPECT_EQ(run(check_sender_policy), Lines{"ok spf: d.example lets 192.0.2.1 send its mail"});
  subject_.host.addresses.push_back({*base::IpAddress::parse("2001:db8::1"), "h.example"});
  EXPECT_EQ(
      run(check_sender_policy),
      (Lines{"ok spf: d.example lets 192.0.2.1 send its mail",
             "critical spf: d.example says fail about 2001:db8::1; add to its SPF record: "
             "ip6:2001:db8::1"}));
}

TEST_F(DomainChecksTest, APolicyThatLetsEveryoneSend) {
  answers_.txt("d.example", "v=spf1 mx +all");
  EXPECT_EQ(run(check_sender_policy),
            (Lines{"warning spf: d.example lets every host send its mail; end its SPF record "
                   "with ~all or -all",
                   "ok spf: the record needs 1 of 10 look-ups",
                   "ok spf: d.example lets 192.0.2.1 send its mail"}));
}

TEST_F(DomainChecksTest, APolicyWithTooManyLookUps) {
  std::string record = "v=spf1 ip4:192.0.2.1";
  for (int i = 0; i < 11; ++i) {
    const std::string name = "h" + std::to_string(i) + ".example";
    answers_.a(name, "198.51.100.7");
    record += " a:" + name;
  }
  answers_.txt("d.example", record + " -all");
  const auto lines = run(check_sender_policy);
  ASSERT_EQ(lines.size(), 2U);
  EXPECT_EQ(
      lines[0],
      "critical spf: the record of d.example, evaluated to its end, is one that needs more "
      "than 10 look-ups; keep to the grammar of RFC 7208 and to 10 look-ups");
  EXPECT_EQ(lines[1], "ok spf: d.example lets 192.0.2.1 send its mail");
}

TEST_F(DomainChecksTest, AMalformedPolicy) {
  answers_.txt("d.example", "v=spf1 nonsense -all");
  for (const std::string& line : run(check_sender_policy)) {
    EXPECT_TRUE(line.starts_with("critical spf: the record of d.example")) << line;
  }
}

// Of 24 bytes before the key itself, as a SubjectPublicKeyInfo has it.
OwnKey usual_key() {
  OwnKey key;
  key.domain = "d.example";
  key.selector = "s";
  key.bits = 2048;
  key.public_bytes = std::string(24, 'i') + std::string(270, 'k');
  key.zone_line = "s._domainkey.d.example. IN TXT (...)";
  return key;
}

TEST_F(DomainChecksTest, SigningKeys) {
  EXPECT_EQ(run(check_signing_keys),
            Lines{"warning dkim: messages of d.example are not signed; "
                  "make a key: dknewkey -e -d d.example"});
  subject_.keys = {usual_key()};
  const std::string name = "s._domainkey.d.example";
  EXPECT_EQ(run(check_signing_keys),
            Lines{"critical dkim: messages are signed with a key that is not at " + name +
                  "; publish: " + name + ". IN TXT (...)"});
  const std::string whole = base::encode_base64(subject_.keys[0].public_bytes);
  for (const std::string& text : {"v=DKIM1; k=rsa; p=" + whole, "p=" + whole,
                                  "v=DKIM1; p=" + base::encode_base64(std::string(270, 'k'))}) {
    FakeAnswers answers;
    answers.txt(name, text);
    Report report("d.example");
    check_signing_keys(subject_, answers, report);
    EXPECT_EQ(lines_of(report), Lines{"ok dkim: the record at " + name + " is that of our key"})
        << text;
  }
  const std::pair<std::string, const char*> wrong[] = {
      {"v=DKIM1; p=" + base::encode_base64(std::string(294, 'k')), "critical dkim: the record"},
      {"v=DKIM1; k=ed25519; p=" + whole, "critical dkim: the record"},
      {"v=DKIM1; p=kk", "critical dkim: the record"},
      {"v=DKIM1; k=rsa", "critical dkim: the record"},
      {"v=DKIM1; p=", "critical dkim: the key at s._domainkey.d.example is revoked"},
      {"v=DKIM1; t=s:y; p=" + whole, "warning dkim: the record"},
  };
  for (const auto& [text, expected] : wrong) {
    FakeAnswers answers;
    answers.txt(name, text);
    Report report("d.example");
    check_signing_keys(subject_, answers, report);
    EXPECT_TRUE(lines_of(report).at(0).starts_with(expected)) << text;
  }
}

TEST_F(DomainChecksTest, AShortKey) {
  subject_.keys = {usual_key()};
  subject_.keys[0].bits = 1024;
  answers_.txt("s._domainkey.d.example",
               "p=" + base::encode_base64(subject_.keys[0].public_bytes));
  EXPECT_EQ(run(check_signing_keys),
            Lines{"warning dkim: the key at s._domainkey.d.example has 1024 bits; make one of "
                  "2048 bits under a new selector: dknewkey"});
}

TEST_F(DomainChecksTest, UnreadableKeys) {
  subject_.key_trouble = "control/domainkeys/d.example/default: permission denied";
  EXPECT_EQ(run(check_signing_keys)[0].find("unknown dkim: control/domainkeys"), 0U);
}

TEST_F(DomainChecksTest, Dmarc) {
  EXPECT_EQ(run(check_dmarc),
            Lines{"warning dmarc: d.example has no DMARC policy; publish: _dmarc.d.example. IN "
                  "TXT \"v=DMARC1; p=none; rua=mailto:postmaster@d.example\""});
  answers_.txt("_dmarc.d.example", "v=DMARC1; p=quarantine; rua=mailto:a@d.example");
  EXPECT_EQ(run(check_dmarc), Lines{"ok dmarc: the policy of d.example asks for quarantine"});
}

TEST_F(DomainChecksTest, ReportsOfDmarcForOthers) {
  answers_.txt("_dmarc.d.example",
               "v=DMARC1; p=none; rua=mailto:a@d.example,mailto:b@R.example!10m");
  EXPECT_EQ(run(check_dmarc),
            (Lines{"ok dmarc: the policy of d.example asks for none",
                   "warning dmarc: reports would go to r.example, which does not say that it "
                   "wants them; publish: d.example._report._dmarc.r.example. IN TXT "
                   "\"v=DMARC1\""}));
  answers_.txt("d.example._report._dmarc.r.example", "v=DMARC1;");
  EXPECT_EQ(run(check_dmarc).size(), 1U);
}

TEST_F(DomainChecksTest, TransportPolicy) {
  EXPECT_EQ(run(check_transport_policy),
            (Lines{"ok mta-sts: d.example does not ask for TLS by MTA-STS, which is optional",
                   "ok tlsrpt: d.example asks for no reports about TLS, which are optional"}));
  answers_.txt("_mta-sts.d.example", "v=STSv1; id=20261130;");
  auto lines = run(check_transport_policy);
  EXPECT_TRUE(lines[0].starts_with("critical mta-sts: _mta-sts.d.example promises a policy"));
  EXPECT_TRUE(lines[1].starts_with("warning tlsrpt: "));
  answers_.a("mta-sts.d.example", "192.0.2.3");
  answers_.txt("_smtp._tls.d.example", "v=TLSRPTv1; rua=mailto:t@d.example");
  EXPECT_EQ(run(check_transport_policy),
            (Lines{"ok mta-sts: the policy of d.example has the id 20261130; "
                   "https://mta-sts.d.example/.well-known/mta-sts.txt was not fetched",
                   "ok tlsrpt: reports about TLS go to mailto:t@d.example"}));
  answers_.txt("_mta-sts.d.example", "v=STSv1; id=2;");
  answers_.txt("_smtp._tls.d.example", "v=TLSRPTv1; rua=mailto:t@d.example");
  lines = run(check_transport_policy);
  EXPECT_TRUE(lines[0].starts_with("warning mta-sts: "));
  EXPECT_TRUE(lines[1].starts_with("warning tlsrpt: "));
}

TEST_F(DomainChecksTest, AMalformedIdOfAPolicy) {
  for (const char* text : {"v=STSv1; id=a b;", "v=STSv1;", "v=STSv1; id=;"}) {
    FakeAnswers answers;
    answers.txt("_mta-sts.d.example", text);
    Report report("d.example");
    check_transport_policy(subject_, answers, report);
    EXPECT_TRUE(lines_of(report)[0].starts_with("warning mta-sts: ")) << text;
  }
}

}  // namespace
}  // namespace reqmail::dnscheck
