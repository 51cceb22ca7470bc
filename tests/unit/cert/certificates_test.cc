// Certificates and keys of an installation: making, installing, showing and checking them.
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cerrno>
#include <string>
#include <vector>

#include "base/time.h"
#include "cert/check.h"
#include "cert/dates.h"
#include "cert/findings.h"
#include "cert/install.h"
#include "cert/make.h"
#include "cert/place.h"
#include "cert/show.h"
#include "cert/tickets.h"
#include "sys/identity.h"
#include "tests/unit/support/temporary_home.h"
#include "tls/make.h"

namespace reqmail::cert {
namespace {

using testing::content_of;
using testing::put_file;
using testing::TemporaryHome;

const base::Time kNow = base::from_epoch(1700000000);

base::Time in_days(int days) {
  return kNow + base::Seconds(days * 86400);
}

std::string text_of(const Result<std::string>& result) {
  return result ? *result : "failure: " + result.error().text;
}

bool has_accounts() {
  return sys::account_uid(sys::Account::qmaild) && sys::group_gid(sys::Group::qmail) &&
         sys::group_gid(sys::Group::nofiles);
}

class Certificates : public ::testing::Test {
 protected:
  void SetUp() override {
    ASSERT_EQ(::mkdir("control", 0755), 0);
    put_file("control/me", "mx.example.org\n");
    key_ = *tls::make_key(tls::KeyKind::ec_p256);
    certificate_ = *tls::make_self_signed(key_, {"mx.example.org"}, {kNow, in_days(90)});
  }

  TemporaryHome home_;
  std::string key_;
  std::string certificate_;
};

TEST(Findings, AreCountedByLevel) {
  Findings findings;
  findings.add(Level::note, "a", "text");
  findings.add(Level::wrong, "b", "text", "remedy");
  findings.add(Level::wrong, "c", "text");
  EXPECT_EQ(findings.count(Level::note), 1U);
  EXPECT_EQ(findings.count(Level::warning), 0U);
  EXPECT_EQ(findings.count(Level::wrong), 2U);
  EXPECT_EQ(findings.all()[1].remedy, "remedy");
}

// Returns level and text of the finding on a certificate with these dates, in days; empty if
// there is none.
std::string found_for(int begins, int ends) {
  tls::CertificateFacts facts;
  facts.subject = "CN=x";
  facts.begins = in_days(begins);
  facts.ends = in_days(ends);
  Findings findings;
  check_dates(findings, "file", facts, {14, kNow}, "make another");
  return findings.all().empty() ? "" : findings.all().front().text;
}

TEST(Dates, AreJudgedFromNow) {
  EXPECT_EQ(found_for(-1, 90), "");
  EXPECT_EQ(found_for(-1, 14), "");
  EXPECT_EQ(found_for(-1, 13).find("the certificate of CN=x ends in 13 days, "), 0U);
  EXPECT_EQ(found_for(-1, 1).find("the certificate of CN=x ends in 1 day, "), 0U);
  EXPECT_EQ(found_for(-9, -1).find("the certificate of CN=x ended "), 0U);
  EXPECT_EQ(found_for(1, 90).find("the certificate of CN=x begins "), 0U);
}

TEST(Dates, NamesInWords) {
  EXPECT_EQ(list_of({}), "nobody");
  EXPECT_EQ(list_of({"a.example", "b.example"}), "a.example b.example");
}

TEST_F(Certificates, ShownForPeopleAndPrograms) {
  EXPECT_EQ(show(*server_files(), kNow), "There is no control/servercert.pem: TLS is off.\n");
  put_file("control/servercert.pem", certificate_ + key_);
  const auto files = server_files();
  ASSERT_TRUE(files);
  EXPECT_EQ(*files, std::vector<std::string>{"control/servercert.pem"});
  const std::string people = show(*files, kNow);
  EXPECT_NE(people.find("names:       mx.example.org"), std::string::npos) << people;
  EXPECT_NE(people.find("(90 days)"), std::string::npos) << people;
  const std::string programs = show_terse(*files, in_days(91));
  EXPECT_NE(programs.find("\nname=mx.example.org\n"), std::string::npos) << programs;
  EXPECT_NE(programs.find("\nstate=ended\n"), std::string::npos) << programs;
  EXPECT_NE(programs.find("\nself-signed=yes\n"), std::string::npos) << programs;
}

TEST_F(Certificates, CheckWarnsBeforeTheEnd) {
  put_file("control/servercert.pem", certificate_ + key_);
  const Verdict early = check({14, in_days(80)}, true);
  EXPECT_NE(early.text.find("ends in 10 days"), std::string::npos) << early.text;
  const Verdict late = check({14, in_days(91)}, true);
  EXPECT_NE(late.text.find("wrong: control/servercert.pem: the certificate of "),
            std::string::npos)
      << late.text;
  EXPECT_EQ(late.code, kExitWrong);
}

TEST_F(Certificates, PairMustFit) {
  put_file("chain", certificate_);
  put_file("key", key_);
  put_file("other", *tls::make_key(tls::KeyKind::ec_p256));
  EXPECT_TRUE(load_pair("chain", "key"));
  EXPECT_EQ(load_pair("none", "key").error().error, ENOENT);
  const auto wrong = load_pair("chain", "other");
  const auto refused =
      wrong ? text_of(install_pair(*wrong, {}, kNow)) : "failure: " + wrong.error().text;
  EXPECT_EQ(refused.find("failure: the key in other is not that of the first certificate"), 0U)
      << refused;
}

TEST_F(Certificates, MadeWhereThereAreAccounts) {
  const std::string made = text_of(make_pair({}, kNow));
  if (!has_accounts()) {
    EXPECT_EQ(made, "failure: qmail's accounts are missing");
    return;
  }
  EXPECT_EQ(made.find("failure"), std::string::npos) << made;
  EXPECT_NE(content_of("control/servercert.pem").find("PRIVATE KEY"), std::string::npos);
  EXPECT_NE(text_of(make_pair({}, kNow)).find("is there already"), std::string::npos);
}

TEST_F(Certificates, RequestNeedsAKey) {
  EXPECT_NE(text_of(make_request({})).find("\"qmail-cert make\" makes a key"),
            std::string::npos);
  put_file("control/servercert.pem", certificate_ + key_);
  EXPECT_EQ(text_of(make_request({})).find("-----BEGIN CERTIFICATE REQUEST-----"), 0U);
}

TEST_F(Certificates, TicketKeysAreRotated) {
  const std::string first = text_of(rotate_tickets());
  if (!sys::group_gid(sys::Group::nofiles)) {
    EXPECT_EQ(first, "failure: qmail's groups are missing");
    return;
  }
  EXPECT_NE(first.find("(1 key)"), std::string::npos) << first;
  const std::string key = content_of("control/tlsticketkey");
  EXPECT_NE(text_of(rotate_tickets()).find("(2 keys)"), std::string::npos);
  EXPECT_TRUE(content_of("control/tlsticketkey").ends_with(key));
}

TEST(Acme, IsToldWhereTheHomeIs) {
  EXPECT_NE(acme_text("/var/example").find("/var/example"), std::string::npos);
}

}  // namespace
}  // namespace reqmail::cert
