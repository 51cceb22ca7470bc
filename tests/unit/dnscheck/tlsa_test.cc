// The check of TLSA records, which domain_checks.h declares.
#include <gtest/gtest.h>

#include "base/hex.h"
#include "dnscheck/domain_checks.h"
#include "tests/unit/dnscheck/support.h"

namespace reqmail::dnscheck {
namespace {

using auth822::RecordType;
using Lines = std::vector<std::string>;

constexpr const char* kName = "_25._tcp.mail.d.example";
// SHA-256 of "key".
constexpr const char* kDigest =
    "2c70e12b7a0646f92279f427c7b38e7334d8e5389cff167a1dc30e73f826b683";

class TlsaCheckTest : public ::testing::Test {
 protected:
  TlsaCheckTest() {
    subject_.host.certificates.usual = ServerCertificate{
        "control/servercert.pem", {{"whole", "key"}, {"authority", "a"}}, {"mail.d.example"}};
    answers_.add(RecordType::mx, "d.example", "mail.d.example");
    answers_.a("mail.d.example", "192.0.2.1");
    answers_.verify(RecordType::mx, "in-addr.arpa");
    verify_way();
  }

  void verify_way() {
    answers_.verify(RecordType::mx, "d.example");
    answers_.verify(RecordType::a, "mail.d.example");
    answers_.verify(RecordType::aaaa, "mail.d.example");
    answers_.verify(RecordType::tlsa, kName);
  }

  Lines run() {
    Report report("d.example");
    check_tlsa(subject_, answers_, report);
    return lines_of(report);
  }

  Subject subject_ = usual_subject();
  FakeAnswers answers_;
  const std::string record_ = std::string("publish: ") + kName + ". IN TLSA 3 1 1 " + kDigest;
};

TEST_F(TlsaCheckTest, NoRecords) {
  EXPECT_EQ(run(), Lines{std::string("ok tlsa: there are no TLSA records at ") + kName +
                         ", which are optional; " + record_});
  answers_.doubt(RecordType::tlsa, kName);
  EXPECT_EQ(run(), Lines{std::string("ok tlsa: there are no TLSA records at ") + kName +
                         ", which are optional and count in signed zones alone; " + record_});
  subject_.host.certificates.usual.reset();
  EXPECT_EQ(run(), Lines{std::string("ok tlsa: there are no TLSA records at ") + kName +
                         ", which are optional and count in signed zones alone"});
}

TEST_F(TlsaCheckTest, TheRecordOfTheCertificate) {
  answers_.tlsa(kName, {3, 1, 0, "key"});
  EXPECT_EQ(run(), Lines{std::string("ok tlsa: the record at ") + kName +
                         " describes control/servercert.pem"});
  answers_.tlsa(kName, {3, 1, 0, "next key"});
  EXPECT_EQ(run(), Lines{std::string("ok tlsa: the record at ") + kName +
                         " describes control/servercert.pem, beside others"});
}

TEST_F(TlsaCheckTest, TheCertificateOfTheName) {
  answers_.tlsa(kName, {2, 0, 0, "named authority"});
  EXPECT_TRUE(run()[0].starts_with("critical tlsa: "));
  subject_.host.certificates.named["mail.d.example"] = {
      "control/servercerts/mail.d.example/servercert.pem",
      {{"x", "x"}, {"named authority", "y"}},
      {"mail.d.example"}};
  EXPECT_EQ(run(), Lines{std::string("ok tlsa: the record at ") + kName +
                         " describes control/servercerts/mail.d.example/servercert.pem"});
}

TEST_F(TlsaCheckTest, RecordsOfAnotherCertificate) {
  answers_.tlsa(kName, {3, 1, 0, "old key"});
  EXPECT_EQ(run(), Lines{std::string("critical tlsa: no record at ") + kName +
                         " describes control/servercert.pem, so senders that verify do not "
                         "deliver; " +
                         record_});
  subject_.host.certificates.usual.reset();
  EXPECT_EQ(run(), Lines{std::string("critical tlsa: the records at ") + kName +
                         " promise TLS, but this host has no certificate, so senders that "
                         "verify do not deliver; make a certificate: qmail-cert make; or take "
                         "the records away"});
}

TEST_F(TlsaCheckTest, RecordsThatMailDoesNotUse) {
  answers_.tlsa(kName, {1, 1, 0, "key"});
  EXPECT_EQ(run(),
            Lines{std::string("warning tlsa: senders use no record at ") + kName +
                  ", so none of them verifies this host: mail needs usage 3 or 2; " + record_});
}

TEST_F(TlsaCheckTest, ZonesThatAreNotSigned) {
  answers_.tlsa(kName, {3, 1, 0, "key"});
  answers_.doubt(RecordType::tlsa, kName);
  const std::string ignored = std::string("warning tlsa: senders ignore the records at ") +
                              kName + ", since its zone is not signed";
  EXPECT_EQ(run(), Lines{ignored + "; sign the zones with DNSSEC"});
  for (const auto& [type, name] :
       {std::pair(RecordType::mx, "d.example"), std::pair(RecordType::a, "mail.d.example"),
        std::pair(RecordType::aaaa, "mail.d.example")}) {
    verify_way();
    answers_.doubt(type, name);
    EXPECT_EQ(run(), Lines{std::string("warning tlsa: senders ignore the records at ") + kName +
                           ", since the way to them is not signed: the MX records or "
                           "addresses; sign the zones with DNSSEC"});
  }
}

TEST_F(TlsaCheckTest, RecordsOfAnotherCertificateThatAreNotSigned) {
  answers_.tlsa(kName, {3, 1, 0, "old key"});
  answers_.doubt(RecordType::tlsa, kName);
  EXPECT_EQ(run(), Lines{std::string("warning tlsa: senders ignore the records at ") + kName +
                         ", since its zone is not signed; and they do not describe the "
                         "certificate of this host; sign the zones with DNSSEC; " +
                         record_});
}

TEST_F(TlsaCheckTest, NameServersThatDoNotVerify) {
  answers_.tlsa(kName, {3, 1, 0, "key"});
  answers_.doubt(RecordType::tlsa, kName);
  answers_.doubt(RecordType::mx, "in-addr.arpa");
  const std::string why =
      "; whether the zone is signed is not known, since the name servers of this host do not "
      "verify answers";
  EXPECT_EQ(run(), Lines{std::string("unknown tlsa: the record at ") + kName +
                         " describes control/servercert.pem" + why});
  subject_.host.certificates.usual->chain[0] = {"x", "x"};
  EXPECT_TRUE(run()[0].starts_with("critical tlsa: no record at ")) << run()[0];
  EXPECT_NE(run()[0].find(why), std::string::npos);
}

TEST_F(TlsaCheckTest, WhatIsNotKnown) {
  answers_.fail(RecordType::tlsa, kName);
  EXPECT_EQ(run(), Lines{std::string("unknown tlsa: no name server tells about ") + kName +
                         "; senders that verify wait until one does"});
  subject_.host.certificates.trouble = "unable to read control/servercert.pem: access denied";
  EXPECT_EQ(run(), Lines{"unknown tlsa: unable to read control/servercert.pem: access denied; "
                         "run this as root or as qmaild, or mend the certificate"});
}

TEST_F(TlsaCheckTest, ExchangersOfOthersAreNotLookedAt) {
  subject_.host.own.clear();
  EXPECT_EQ(run(), Lines{});
}

TEST_F(TlsaCheckTest, ADomainWithoutExchangersIsItsOwn) {
  subject_.domain = "mail.d.example";
  EXPECT_TRUE(
      run()[0].starts_with(std::string("ok tlsa: there are no TLSA records at ") + kName));
}

}  // namespace
}  // namespace reqmail::dnscheck
