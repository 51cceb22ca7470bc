#include "judge/message.h"

#include <gtest/gtest.h>

#include "judge/arc.h"
#include "judge/check.h"
#include "judge/dkim.h"
#include "judge/result_text.h"
#include "judge/signatures.h"
#include "mail/idna.h"
#include "sys/clock.h"
#include "tests/unit/support/fake_dns.h"
#include "tests/unit/support/loopback_dns.h"
#include "tests/unit/support/signed_messages.h"
#include "tests/unit/support/with_libidn2.h"

namespace reqmail::judge {
namespace {

using auth822::AuthWord;

constexpr std::uint64_t kNow = 1796040000;

// A DNS with one record for each name that begins with the key; other names do not exist, and
// the look-up of one whose record is "?" fails.
class Zone {
 public:
  explicit Zone(std::map<std::string, std::string> records)
      : records_(std::move(records)), server_([this](const test::DnsRequest& request) {
          return std::optional(answer(request));
        }) {}

  MessageResults judge(std::string_view message, std::size_t piece = 7,
                       std::optional<auth822::SpfRequest> spf = std::nullopt) {
    net::DnsServers servers;
    servers.servers.push_back(server_.endpoint());
    net::DnsResolver resolver(servers);
    MessageCheck check({.spf = std::move(spf)}, kNow);
    for (; !message.empty(); message.remove_prefix(std::min(piece, message.size()))) {
      check.take(message.substr(0, piece));
    }
    return check.judge(resolver, sys::monotonic() + std::chrono::seconds(20));
  }

  AuthWord dkim(std::string_view message) { return judge(message).dkim.front().word; }

 private:
  std::string answer(const test::DnsRequest& request) {
    const bool text = request.question.substr(request.question.size() - 4, 2) == test::u16(16);
    for (const auto& [name, record] : records_) {
      if (text && request.question.starts_with(test::wire_name(name))) {
        if (record == "?") {
          return test::dns_reply(request, {}, test::kServerFailure);
        }
        std::string data;
        for (std::string_view rest = record; !rest.empty();) {
          const std::string_view part = rest.substr(0, 255);
          data.push_back(static_cast<char>(part.size()));
          data.append(part);
          rest.remove_prefix(part.size());
        }
        return test::dns_reply(request, {test::resource_record(name, 16, data)});
      }
    }
    return test::dns_reply(request, {}, test::kNoSuchName);
  }

  std::map<std::string, std::string> records_;
  test::LoopbackDns server_;
};

std::map<std::string, std::string> keys() {
  return {{"r._domainkey.d.example", std::string(test::kRsaKey)},
          {"e._domainkey.d.example", std::string(test::kEd25519Key)},
          {"r._domainkey.l.example", std::string(test::kRsaPlainKey)},
          {"r._domainkey.m.example", std::string(test::kRsaKey)}};
}

std::string with(std::string_view field) {
  return std::string(field) + std::string(test::kPlainMessage);
}

TEST(MessageCheck, SignaturesOfAnotherProgram) {
  Zone zone(keys());
  EXPECT_EQ(zone.dkim(with(test::kRsaSimple)), AuthWord::pass);
  EXPECT_EQ(zone.dkim(with(test::kRsaRelaxed)), AuthWord::pass);
  EXPECT_EQ(zone.dkim(with(test::kRsaLength)), AuthWord::pass);
  EXPECT_EQ(zone.dkim(with(test::kEd25519)), AuthWord::pass);
  EXPECT_EQ(zone.dkim(test::kPlainMessage), AuthWord::none);
  EXPECT_EQ(zone.dkim("no header\n"), AuthWord::none);
  EXPECT_EQ(zone.dkim(""), AuthWord::none);
}

TEST(MessageCheck, OfAHeaderThatIsTooLongTheAuthorCounts) {
  const std::map<std::string, std::string> records = {
      {"_dmarc.d.example", "v=DMARC1; p=reject"}};
  Zone zone(records);
  const std::string more(auth822::HeaderCutter::kHeaderMax, 'x');
  MessageResults results = zone.judge("From: ann@d.example\nX: " + more + "\n\nbody\n", 60000);
  EXPECT_EQ(results.dkim.front().word, AuthWord::permerror);
  EXPECT_EQ(results.arc.word, AuthWord::none);
  EXPECT_EQ(results.author.domain, "d.example");
  EXPECT_EQ(results.dmarc.word, AuthWord::fail);
  // What comes after the limit is not shown as header.
  results = zone.judge("X: " + more + "\nFrom: ann@d.example\n\nbody\n", 60000);
  EXPECT_EQ(results.author.problem, "no From field");
}

TEST(MessageCheck, EveryChangeBreaksASignature) {
  Zone zone(keys());
  std::string changed = with(test::kRsaRelaxed);
  changed.replace(changed.find("Bob <"), 3, "Eve");
  EXPECT_EQ(zone.dkim(changed), AuthWord::fail);
  changed = with(test::kRsaRelaxed);
  changed.replace(changed.find("Dear"), 4, "Dead");
  EXPECT_EQ(zone.dkim(changed), AuthWord::fail);
  changed = with(test::kEd25519) + "more\n";
  EXPECT_EQ(zone.dkim(changed), AuthWord::fail);
  EXPECT_EQ(zone.dkim(with(test::kRsaLength) + "more\n"), AuthWord::policy);
  EXPECT_EQ(zone.dkim("From: eve@d.example\n" + with(test::kRsaRelaxed)), AuthWord::fail);
}

TEST(MessageCheck, KeysThatCannotBeHad) {
  Zone none({});
  EXPECT_EQ(none.dkim(with(test::kRsaRelaxed)), AuthWord::permerror);
  Zone testing({{"r._domainkey.d.example", std::string(test::kRsaKey) + "; t=y"}});
  EXPECT_EQ(testing.dkim(with(test::kRsaRelaxed)), AuthWord::pass);
  EXPECT_EQ(testing.dkim(with(test::kRsaRelaxed) + "more\n"), AuthWord::neutral);
}

TEST(MessageCheck, TenSignaturesAreVerified) {
  Zone zone(keys());
  std::string message;
  for (int i = 0; i < 12; ++i) {
    message += test::kRsaRelaxed;
  }
  const auto results = zone.judge(message + std::string(test::kPlainMessage)).dkim;
  ASSERT_EQ(results.size(), 12U);
  EXPECT_EQ(results[9].word, AuthWord::pass);
  EXPECT_EQ(results[10].word, AuthWord::policy);
}

std::string listed() {
  return std::string(test::kSecondArcSet) + std::string(test::kSecondResults) +
         std::string(test::kFirstArcSet) + with(test::kListResults);
}

TEST(MessageCheck, AChainOfTwoSeals) {
  Zone zone(keys());
  const auto arc = zone.judge(listed()).arc;
  EXPECT_EQ(arc.word, AuthWord::pass) << arc.why;
  EXPECT_EQ(arc.sets, 2U);
  EXPECT_EQ(arc.sealer, "m.example");
  std::string changed = listed();
  changed.replace(changed.find("dmarc=pass\nAuth"), 10, "dmarc=fail");
  EXPECT_EQ(zone.judge(changed).arc.word, AuthWord::fail);
  EXPECT_EQ(zone.judge(listed() + "more\n").arc.word, AuthWord::fail);
  EXPECT_EQ(zone.judge(with("ARC-Seal: i=1; a=x\n")).arc.word, AuthWord::fail);
}

TEST(MessageCheck, ABadSealDecidesWhateverCannotBeLookedUp) {
  auto records = keys();
  records["r._domainkey.m.example"] = "?";
  Zone zone(records);
  EXPECT_EQ(zone.judge(listed()).arc.word, AuthWord::temperror);
  records["r._domainkey.l.example"] = "v=DKIM1; p=";
  Zone revoked(records);
  const auto arc = revoked.judge(listed()).arc;
  EXPECT_EQ(arc.word, AuthWord::fail);
  EXPECT_EQ(arc.why, "seal 1: key is revoked");
}

TEST(MessageCheck, AHeaderThatIsTooLong) {
  Zone zone(keys());
  std::string message(test::kRsaRelaxed);
  while (message.size() <= auth822::HeaderCutter::kHeaderMax) {
    message += "X: " + std::string(900, 'x') + "\n";
  }
  const auto results = zone.judge(message + std::string(test::kPlainMessage), 4096);
  EXPECT_EQ(results.dkim.front().word, AuthWord::permerror);
  EXPECT_EQ(results.dmarc.word, AuthWord::permerror);
}

TEST(MessageCheck, AllTogether) {
  auto records = keys();
  records["d.example"] = "v=spf1 ip4:192.0.2.1 -all";
  records["_dmarc.d.example"] = "v=DMARC1; p=reject";
  Zone zone(records);
  auth822::SpfRequest spf;
  spf.client = *base::IpAddress::parse("192.0.2.9");
  spf.sender = "ann@d.example";
  spf.helo = "h.example";
  const auto results = zone.judge(with(test::kEd25519), 100, spf);
  EXPECT_EQ(spf_text(spf, *results.spf),
            "spf=fail smtp.mailfrom=ann@d.example smtp.helo=h.example");
  if (mail::can_convert_u_labels()) {
    spf.sender = "ann@b\u00fccher.example";
    EXPECT_EQ(spf_text(spf, *results.spf),
              "spf=fail smtp.mailfrom=ann@xn--bcher-kva.example smtp.helo=h.example");
  }
  EXPECT_EQ(
      dkim_text(results.dkim[0]),
      "dkim=pass header.d=d.example header.i=@d.example header.s=e header.a=ed25519-sha256 "
      "header.b=rIF47MmA");
  EXPECT_EQ(arc_text(results.arc), "arc=none");
  EXPECT_EQ(dmarc_text(results), "dmarc=pass header.from=d.example policy.dmarc=reject");
  const auto unsigned_results = zone.judge(test::kPlainMessage, 100, spf);
  EXPECT_EQ(dmarc_text(unsigned_results),
            "dmarc=fail header.from=d.example policy.dmarc=reject");
}

TEST(ResultText, WhatPeersWriteIsQuoted) {
  DkimResult result;
  result.word = AuthWord::permerror;
  result.why = "why";
  result.labels.domain = "a\"; x=\r\ny";
  EXPECT_EQ(dkim_text(result), "dkim=permerror (why) header.d=\"a\\\"; x=??y\"");
}

TEST(CheckArguments, NamesAndValues) {
  const auto request = parse_check_arguments({"ip=192.0.2.1", "helo=h", "sender=", "time=5"});
  ASSERT_TRUE(request);
  EXPECT_EQ(request->ip, "192.0.2.1");
  EXPECT_EQ(request->time, "5");
  EXPECT_FALSE(parse_check_arguments({"ip"}));
  EXPECT_FALSE(parse_check_arguments({"other=1"}));
  EXPECT_EQ(check_message({"none", "", "", std::nullopt}, {}, -1).error().text,
            "ip=none is no IP address");
  EXPECT_EQ(check_message({std::nullopt, "", "", "x"}, {}, -1).error().text,
            "time=x is no number");
}

TEST(BodyHashes, FormsAndLengths) {
  BodyHashes bodies;
  const auto whole = bodies.add(auth822::Canonical::simple, std::nullopt);
  const auto cut = bodies.add(auth822::Canonical::simple, 3);
  const auto long_one = bodies.add(auth822::Canonical::simple, 30);
  EXPECT_EQ(bodies.add(auth822::Canonical::simple, 3), cut);
  bodies.feed("ab");
  bodies.feed("cd\n");
  bodies.end();
  EXPECT_EQ(bodies.hash(whole), crypto::sha256("abcd\r\n"));
  EXPECT_EQ(bodies.hash(cut), crypto::sha256("abc"));
  EXPECT_TRUE(bodies.leaves_out(cut));
  EXPECT_FALSE(bodies.leaves_out(whole));
  EXPECT_TRUE(bodies.is_short(long_one));
}

}  // namespace
}  // namespace reqmail::judge
