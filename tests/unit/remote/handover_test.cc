#include "remote/handover.h"

#include <gtest/gtest.h>

#include "remote/handover_fields.h"
#include "remote/session_terms.h"
#include "tests/unit/support/fake_dns.h"

namespace reqmail::remote {
namespace {

Handover example() {
  Handover state;
  state.socket = 5;
  state.target = {"mx.b.example", *base::IpAddress::parse("192.0.2.1"), true, "real.example"};
  state.rest.addresses = {{"mx2.b.example", *base::IpAddress::parse("192.0.2.2")},
                          {"", *base::IpAddress::parse("2001:db8::3")}};
  state.rest.groups = {{"mx3.b.example", "mx4.b.example"}, {}, {"mx5.b.example"}};
  state.rest.uncertain = true;
  state.terms.hello = "me.example";
  state.terms.connect_timeout = base::Seconds(60);
  state.terms.timeout = base::Seconds(1200);
  state.terms.end = std::chrono::milliseconds(1234567890123);
  state.terms.session_end = std::chrono::milliseconds(1234567000000);
  state.terms.shares = true;
  state.terms.port = 587;
  state.rest.secure = true;
  state.tls.of_server = DomainPolicy{TlsLevel::verify, {".b.example"},    "hostname",     "sts",
                                     "b.example",      {"mode: enforce"}, {"*.b.example"}};
  state.tls.dane_name = "mx.b.example";
  state.tls.dane = DaneRecords{
      DaneRecords::State::usable, "real.example", {{3, 1, 1, std::string("\0\xff,", 3)}}};
  state.terms.login = proto::SaslLogin("joe", "se,cr:et\xff");
  state.signer = RunningSigner{4711, 6};
  state.stay =
      Stay{0xffffffff, 7, "RET=HDRS\n", {20, base::Seconds(2)}, std::string("4:a\0,b", 6)};
  return state;
}

TEST(Handover, ThereAndBack) {
  const auto found = decode_handover(encode_handover(example()));
  ASSERT_TRUE(found);
  const Handover& state = *found;
  EXPECT_EQ(state.socket, 5);
  EXPECT_EQ(state.target.name, "mx.b.example");
  EXPECT_EQ(state.target.address.text(), "192.0.2.1");
  ASSERT_EQ(state.rest.addresses.size(), 2U);
  EXPECT_EQ(state.rest.addresses[0].name, "mx2.b.example");
  EXPECT_EQ(state.rest.addresses[1].address.text(), "2001:db8::3");
  EXPECT_EQ(state.rest.groups, example().rest.groups);
  EXPECT_TRUE(state.rest.uncertain);
  EXPECT_EQ(state.terms.hello, "me.example");
  EXPECT_EQ(state.terms.connect_timeout, base::Seconds(60));
  EXPECT_EQ(state.terms.timeout, base::Seconds(1200));
  EXPECT_EQ(state.terms.end, std::chrono::milliseconds(1234567890123));
  EXPECT_EQ(state.terms.session_end, std::chrono::milliseconds(1234567000000));
  EXPECT_TRUE(state.terms.shares);
  EXPECT_EQ(state.terms.port, 587);
  ASSERT_TRUE(state.signer);
  EXPECT_EQ(state.signer->pid, 4711);
  EXPECT_EQ(state.signer->output, 6);
  EXPECT_TRUE(state.target.secure);
  EXPECT_EQ(state.target.canonical, "real.example");
  EXPECT_FALSE(state.rest.addresses[0].secure);
  EXPECT_TRUE(state.rest.secure);
  ASSERT_TRUE(state.tls.of_server);
  EXPECT_EQ(state.tls.of_server->level, TlsLevel::verify);
  EXPECT_EQ(state.tls.of_server->match, (std::vector<std::string>{".b.example"}));
  EXPECT_EQ(state.tls.of_server->strings, (std::vector<std::string>{"mode: enforce"}));
  EXPECT_EQ(state.tls.of_server->exchangers, (std::vector<std::string>{"*.b.example"}));
  EXPECT_EQ(state.tls.dane_name, "mx.b.example");
  ASSERT_TRUE(state.tls.dane);
  EXPECT_EQ(state.tls.dane->state, DaneRecords::State::usable);
  EXPECT_EQ(state.tls.dane->base, "real.example");
  EXPECT_EQ(state.tls.dane->records, example().tls.dane->records);
  EXPECT_EQ(state.terms.login.user, "joe");
  EXPECT_EQ(state.terms.login.password, "se,cr:et\xff");
  ASSERT_TRUE(state.stay);
  EXPECT_EQ(state.stay->order, 0xffffffff);
  EXPECT_EQ(state.stay->message, 7);
  EXPECT_EQ(state.stay->wishes, "RET=HDRS\n");
  EXPECT_EQ(state.stay->keep.messages, 20U);
  EXPECT_EQ(state.stay->keep.idle, base::Seconds(2));
  EXPECT_EQ(state.stay->terms, std::string("4:a\0,b", 6));
}

TEST(Handover, WithoutAnyOfIt) {
  Handover empty;
  empty.socket = 3;
  const auto found = decode_handover(encode_handover(empty));
  ASSERT_TRUE(found);
  EXPECT_TRUE(found->rest.addresses.empty());
  EXPECT_TRUE(found->rest.groups.empty());
  EXPECT_EQ(found->terms.login.user, "");
  EXPECT_FALSE(found->signer);
  EXPECT_FALSE(found->stay);
}

TEST(Handover, WishesThatAreNotThereAreNotEmpty) {
  Handover state = example();
  state.stay->wishes = "";
  EXPECT_EQ(decode_handover(encode_handover(state))->stay->wishes, "");
  state.stay->wishes.reset();
  EXPECT_EQ(decode_handover(encode_handover(state))->stay->wishes, std::nullopt);
}

TEST(Handover, ASignerThatIsNoChild) {
  Handover state = example();
  state.signer = RunningSigner{0, 7};
  const auto found = decode_handover(encode_handover(state));
  ASSERT_TRUE(found && found->signer);
  EXPECT_EQ(found->signer->pid, 0);
  EXPECT_EQ(found->signer->output, 7);
}

TEST(Handover, NothingButAWholeOneMakesSense) {
  const std::string text = encode_handover(example());
  for (std::size_t size = 0; size < text.size(); ++size) {
    EXPECT_FALSE(decode_handover(text.substr(0, size))) << size;
  }
  EXPECT_FALSE(decode_handover(text + "0:,"));
  EXPECT_FALSE(decode_handover(text + "x"));
  // The name cannot be that of a file, and the list is longer than the whole text.
  Handover bad = example();
  bad.target.name = "../x";
  EXPECT_FALSE(decode_handover(encode_handover(bad)));
  EXPECT_FALSE(
      decode_handover("1:5,2:mx,9:192.0.2.1,1:0,19:9223372036854775807,1:a,9:192.0.2.2,"));
  EXPECT_FALSE(decode_handover("99999999999999999999999:5,"));
}

TEST(Handover, WhatIsLeftToTryIsTried) {
  test::FakeDns server;
  server.add("MX h.example",
             {test::mx_record("h.example", 1, "mx1"), test::mx_record("h.example", 2, "mx2")});
  server.add("A mx1",
             {test::a_record("mx1", "192.0.2.1"), test::a_record("mx1", "192.0.2.11")});
  server.add("A mx2", {test::a_record("mx2", "192.0.2.2")});
  const net::Dns dns(server);
  const auto nobody = [] { return net::LocalAddresses(std::vector<base::IpAddress>{}); };
  Targets before(dns, nobody, {}, "h.example", "", 1);
  const auto first = before.next();
  ASSERT_EQ(first.size(), 2U);
  EXPECT_EQ(first[0].name, "mx1");
  Handover state = example();
  state.rest = before.remaining({first[1]});
  const auto moved = decode_handover(encode_handover(state));
  ASSERT_TRUE(moved);
  Targets after(dns, nobody, {}, moved->rest);
  const auto second = after.next();
  ASSERT_EQ(second.size(), 1U);
  EXPECT_EQ(second[0].address.text(), "192.0.2.11");
  const auto third = after.next();
  ASSERT_EQ(third.size(), 1U);
  EXPECT_EQ(third[0].name, "mx2");
  EXPECT_TRUE(after.next().empty());
  EXPECT_EQ(after.failure().text, not_connected().text);
}

}  // namespace
}  // namespace reqmail::remote
