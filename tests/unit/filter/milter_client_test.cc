// One connection to a milter: what it gets, and the meaning of its answers.
#include "filter/milter_client.h"

#include <gtest/gtest.h>

#include <string>

#include "filter/milter_event_data.h"
#include "filter/milter_packets.h"
#include "filter/milter_reply.h"

namespace reqmail::filter {
namespace {

using Kind = MilterReply::Kind;
using Taken = MilterClient::Taken;

constexpr std::uint32_t kAllActions = 0x1FF;

std::string packet(char letter, std::string_view data = {}) {
  std::string out;
  append_milter_packet(out, letter, data);
  return out;
}

std::string numbers(std::initializer_list<std::uint32_t> values) {
  std::string out;
  for (const std::uint32_t value : values) {
    append_milter_number(out, value);
  }
  return out;
}

std::string text(std::initializer_list<std::string_view> strings) {
  std::string out;
  for (const std::string_view one : strings) {
    out.append(one);
    out.push_back('\0');
  }
  return out;
}

// Returns the letters of the packets in `bytes`.
std::string letters(const std::string& bytes) {
  MilterPacketReader reader;
  reader.add(bytes);
  std::string found;
  while (const auto one = reader.next()) {
    found.push_back(one->letter);
  }
  EXPECT_FALSE(reader.has_rest());
  return found;
}

MilterClient agreed(std::uint32_t version = 6, std::uint32_t actions = kAllActions,
                    std::uint32_t steps = 0, const std::string& symbols = {}) {
  MilterClient client;
  client.take(packet('O', numbers({version, actions, steps}) + symbols));
  EXPECT_EQ(client.next(), Taken::reply);
  return client;
}

// Returns the answer to an event of a message.
Taken answer(MilterClient& client, MilterEvent event, const std::string& bytes) {
  EXPECT_NE(client.tell(event, "", {}), "");
  client.take(bytes);
  return client.next();
}

TEST(MilterClient, OffersVersionSix) {
  MilterPacketReader reader;
  reader.add(MilterClient::negotiation());
  const auto offer = reader.next();
  ASSERT_TRUE(offer.has_value());
  EXPECT_EQ(offer->letter, 'O');
  EXPECT_EQ(offer->data, numbers({6, kAllActions, 0x1FF7FF}));
}

TEST(MilterClient, RefusesWhatItHasNotOffered) {
  for (const std::string& bad :
       {packet('O', numbers({1, 0, 0})), packet('O', numbers({7, 0, 0})),
        packet('O', numbers({6, 0, 0x800})), packet('O', numbers({6, 0})), packet('c'),
        packet('O', numbers({6, 0, 0, 0}) + "j"),
        packet('O', numbers({6, 0xFF, 0, 0}) + text({"j"}))}) {
    MilterClient client;
    client.take(bad);
    EXPECT_EQ(client.next(), Taken::broken);
  }
}

TEST(MilterClient, TellsAnEventWithItsMacros) {
  MilterClient client = agreed();
  const MilterMacros macros = {
      {"j", "me"}, {"client_addr", "192.0.2.1"}, {"client_port", ""}, {"rcpt_addr", "x"}};
  MilterPacketReader reader;
  reader.add(client.tell(MilterEvent::connect, "data", macros));
  const auto first = reader.next();
  ASSERT_TRUE(first.has_value());
  EXPECT_EQ(first->letter, 'D');
  EXPECT_EQ(first->data, "C" + text({"j", "me", "{client_addr}", "192.0.2.1"}));
  const auto second = reader.next();
  ASSERT_TRUE(second.has_value());
  EXPECT_EQ(second->letter, 'C');
  EXPECT_EQ(second->data, "data");
  EXPECT_TRUE(client.is_due());
}

TEST(MilterClient, AMilterChoosesItsMacros) {
  MilterClient client = agreed(
      6, kAllActions, 0, numbers({0}) + text({"{client_addr}, j"}) + numbers({2}) + text({""}));
  const MilterMacros macros = {{"j", "me"}, {"client_addr", "a"}, {"mail_addr", "m"}};
  MilterPacketReader reader;
  reader.add(client.tell(MilterEvent::connect, "", macros));
  EXPECT_EQ(reader.next()->data, "C" + text({"{client_addr}", "a", "j", "me"}));
  client.take(packet('c'));
  EXPECT_EQ(client.next(), Taken::reply);
  client.begin_message();
  EXPECT_EQ(letters(client.tell(MilterEvent::mail, "", macros)), "M");
}

TEST(MilterClient, KeepsToWhatTheMilterWantsToHear) {
  MilterClient client = agreed(2, kAllActions, 0x01 | 0x10 | 0x20);
  EXPECT_EQ(client.tell(MilterEvent::connect, "", {}), "");
  EXPECT_FALSE(client.is_due());
  EXPECT_EQ(letters(client.tell(MilterEvent::helo, "", {})), "H");
  client.take(packet('c'));
  EXPECT_EQ(client.next(), Taken::reply);
  client.begin_message();
  for (const MilterEvent unheard :
       {MilterEvent::data, MilterEvent::header, MilterEvent::body}) {
    EXPECT_FALSE(client.hears(unheard));
  }
  EXPECT_TRUE(client.hears(MilterEvent::end_of_header));
  EXPECT_TRUE(agreed(4).hears(MilterEvent::connect));
}

TEST(MilterClient, DoesNotWaitForAnswersThatWillNotCome) {
  MilterClient client = agreed(6, kAllActions, 0x1000);
  EXPECT_NE(client.tell(MilterEvent::connect, "", {}), "");
  EXPECT_FALSE(client.is_due());
  client.take(packet('c'));
  EXPECT_EQ(client.next(), Taken::broken);
}

TEST(MilterClient, AnAnswerMayComeInPieces) {
  MilterClient client = agreed();
  (void)client.tell(MilterEvent::connect, "", {});
  for (const char c : packet('p') + packet('y', text({"550-5.7.1 a\r\n550 5.7.1 b"}))) {
    const Taken taken = client.next();
    EXPECT_TRUE(taken == Taken::more || taken == Taken::progress);
    client.take(std::string_view(&c, 1));
  }
  EXPECT_EQ(client.next(), Taken::reply);
  EXPECT_EQ(client.reply().kind, Kind::text);
  EXPECT_EQ(client.reply().code, 550U);
  EXPECT_EQ(client.reply().text, "5.7.1 a\n5.7.1 b");
}

TEST(MilterClient, AReplyTextHasOneCodeOfARefusal) {
  for (const std::string_view bad :
       {"", "250 ok", "55", "5x0 a", "550a", "550-a\r\n551 b", "550-a\n\n550 b"}) {
    MilterClient client = agreed();
    (void)client.tell(MilterEvent::connect, "", {});
    client.take(packet('y', text({bad})));
    EXPECT_EQ(client.next(), Taken::broken) << bad;
  }
  MilterClient client = agreed();
  (void)client.tell(MilterEvent::connect, "", {});
  client.take(packet('y', "550 no NUL"));
  EXPECT_EQ(client.next(), Taken::broken);
}

TEST(MilterClient, AnAcceptedSessionIsNotToldOfMessages) {
  MilterClient client = agreed();
  EXPECT_EQ(answer(client, MilterEvent::connect, packet('a')), Taken::reply);
  client.begin_message();
  EXPECT_FALSE(client.hears(MilterEvent::mail));
  EXPECT_EQ(client.abort(), "");
}

TEST(MilterClient, AnAcceptedMessageIsNotTheNextOne) {
  MilterClient client = agreed();
  client.begin_message();
  EXPECT_EQ(answer(client, MilterEvent::mail, packet('a')), Taken::reply);
  EXPECT_FALSE(client.hears(MilterEvent::rcpt));
  EXPECT_FALSE(client.in_message());
  EXPECT_EQ(client.abort(), "");
  client.begin_message();
  EXPECT_TRUE(client.hears(MilterEvent::mail));
}

TEST(MilterClient, ARefusedRecipientDoesNotEndTheMessage) {
  MilterClient client = agreed();
  client.begin_message();
  EXPECT_EQ(answer(client, MilterEvent::mail, packet('c')), Taken::reply);
  EXPECT_EQ(answer(client, MilterEvent::rcpt, packet('r')), Taken::reply);
  EXPECT_EQ(client.reply().kind, Kind::reject);
  EXPECT_TRUE(client.hears(MilterEvent::rcpt));
  EXPECT_EQ(letters(client.abort()), "A");
  EXPECT_FALSE(client.in_message());
  client.begin_message();
  EXPECT_EQ(answer(client, MilterEvent::mail, packet('t')), Taken::reply);
  EXPECT_FALSE(client.in_message());
}

TEST(MilterClient, SkipEndsTheBody) {
  MilterClient client = agreed(6, kAllActions, 0x400);
  client.begin_message();
  EXPECT_EQ(answer(client, MilterEvent::body, packet('s')), Taken::reply);
  EXPECT_FALSE(client.hears(MilterEvent::body));
  EXPECT_TRUE(client.hears(MilterEvent::end_of_message));
  MilterClient other = agreed();
  other.begin_message();
  EXPECT_EQ(answer(other, MilterEvent::body, packet('s')), Taken::broken);
}

TEST(MilterClient, CollectsEditsAtTheEnd) {
  MilterClient client = agreed();
  client.begin_message();
  EXPECT_EQ(answer(client, MilterEvent::end_of_message, packet('h', text({"A", "1"}))),
            Taken::edit);
  client.take(packet('i', numbers({3}) + text({"B", "2"})));
  client.take(packet('m', numbers({1}) + text({"C", ""})));
  client.take(packet('+', text({"<a@b>"})));
  client.take(packet('2', text({"<c@d>", "NOTIFY=NEVER"})));
  client.take(packet('-', text({"e@f"})));
  client.take(packet('e', text({"<>"})));
  client.take(packet('q', text({"odd"})));
  for (int i = 0; i < 7; ++i) {
    EXPECT_EQ(client.next(), Taken::edit);
  }
  client.take(packet('b', "new"));
  EXPECT_EQ(client.next(), Taken::body);
  EXPECT_EQ(client.body_piece(), "new");
  client.take(packet('a'));
  EXPECT_EQ(client.next(), Taken::reply);
  ASSERT_EQ(client.edits().size(), 8U);
  EXPECT_EQ(client.edits()[1].index, 3U);
  EXPECT_EQ(client.edits()[1].name, "B");
  EXPECT_EQ(client.edits()[4].value, "c@d");
  EXPECT_EQ(client.edits()[6].value, "");
  EXPECT_EQ(client.edits()[7].kind, MessageEdit::Kind::quarantine);
  EXPECT_EQ(client.abort(), "");
}

TEST(MilterClient, EditsThatMakeNoSenseBreakTheProtocol) {
  for (const std::string& bad :
       {packet('h'), packet('h', "A"), packet('h', text({"A"})),
        packet('h', text({"A b", "1"})), packet('h', text({"", "1"})),
        packet('i', text({"A", "1"})), packet('m', "abc"), packet('+', text({"<>"})),
        packet('+', text({"a\n@b"})), packet('e'), packet('+', text({std::string(900, 'x')})),
        packet('z'), packet('\xff', "\xff\xff")}) {
    MilterClient client = agreed();
    client.begin_message();
    EXPECT_EQ(answer(client, MilterEvent::end_of_message, bad), Taken::broken);
  }
  MilterClient early = agreed();
  early.begin_message();
  EXPECT_EQ(answer(early, MilterEvent::mail, packet('h', text({"A", "1"}))), Taken::broken);
  MilterClient unannounced = agreed(6, 0);
  unannounced.begin_message();
  EXPECT_EQ(answer(unannounced, MilterEvent::end_of_message, packet('b', "x")), Taken::broken);
}

TEST(MilterClient, EditsHaveALimit) {
  MilterClient client = agreed();
  client.begin_message();
  (void)client.tell(MilterEvent::end_of_message, "", {});
  Taken taken = Taken::edit;
  for (int i = 0; i < 100 && taken == Taken::edit; ++i) {
    client.take(packet('h', text({"A", std::string(60000, 'x')})));
    taken = client.next();
  }
  EXPECT_EQ(taken, Taken::broken);
}

TEST(MilterPackets, AbsurdLengthsBreakTheProtocol) {
  for (const std::uint32_t length : {0U, 0xFFFFFFFFU}) {
    MilterPacketReader reader;
    reader.add(numbers({length}) + "x");
    EXPECT_FALSE(reader.next().has_value());
    EXPECT_TRUE(reader.is_broken());
  }
}

TEST(MilterEventData, Connect) {
  EXPECT_EQ(milter_connect_data("h", "192.0.2.1", 258), std::string("h\0"
                                                                    "4\1\2"
                                                                    "192.0.2.1\0",
                                                                    15));
  EXPECT_EQ(milter_connect_data("h", "2001:db8::1", 0), std::string("h\0"
                                                                    "6\0\0"
                                                                    "2001:db8::1\0",
                                                                    17));
  EXPECT_EQ(milter_connect_data("h", "", 0), std::string("h\0U", 3));
}

TEST(MilterEventData, Addresses) {
  EXPECT_EQ(milter_address_data("a@b", " SIZE=1  BODY=7BIT"),
            text({"<a@b>", "SIZE=1", "BODY=7BIT"}));
  EXPECT_EQ(milter_address_data("", ""), text({"<>"}));
}

TEST(MilterEventData, Fields) {
  EXPECT_EQ(milter_field_data("A", "A: 1\n two\n", false), text({"A", "1\r\n two"}));
  EXPECT_EQ(milter_field_data("A", "A: 1\n", true), text({"A", " 1"}));
  EXPECT_EQ(milter_field_data("A", std::string("A:x\0y\n", 6), false), text({"A", "x y"}));
  const std::string cut =
      milter_field_data("A", "A: " + std::string(100000, 'x') + "\n", false);
  EXPECT_EQ(cut.size(), kMilterDataMax);
  EXPECT_TRUE(cut.ends_with(std::string_view("x\0", 2)));
  EXPECT_EQ(with_crlf("a\n\nb\rc\n"), "a\r\n\r\nb\rc\r\n");
}

}  // namespace
}  // namespace reqmail::filter
