#include "mail/envelope.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "mail/address.h"
#include "mail/message_id.h"
#include "mail/received.h"

namespace reqmail::mail {
namespace {

using namespace std::string_literals;
using State = EnvelopeScanner::State;

// Returns the last state of a scanner that gets pieces of `size` bytes, and the records that it
// accepted.
std::pair<State, std::string> scan(const std::string& text, std::size_t size) {
  EnvelopeScanner scanner;
  std::string records;
  State state = State::incomplete;
  for (std::size_t at = 0; at < text.size() && state == State::incomplete; at += size) {
    const std::string piece = text.substr(at, size);
    const auto step = scanner.feed(piece);
    records += piece.substr(0, step.records);
    state = step.state;
  }
  return {state, records};
}

TEST(EnvelopeScanner, WholeEnvelopesInPiecesOfAnySize) {
  const std::string records = "Fs@a\0Tr@b\0Tr@c\0"s;
  for (std::size_t size = 1; size <= records.size() + 5; ++size) {
    EXPECT_EQ(scan(records + "\0more"s, size), std::pair(State::complete, records)) << size;
    EXPECT_EQ(scan(records, size), std::pair(State::incomplete, records)) << size;
  }
  EXPECT_EQ(scan("F\0T\0\0"s, 2).first, State::complete);
  EXPECT_EQ(scan("Fs\0\0"s, 3), std::pair(State::complete, "Fs\0"s));
}

TEST(EnvelopeScanner, RefusesOtherLetters) {
  for (const std::string& text :
       {"Xs\0"s, "fs\0"s, "Ts\0Fs\0\0"s, "\0"s, "Fs\0Xr\0\0"s, "Fs\0Fr\0\0"s, "Fs\0tr\0\0"s}) {
    for (const std::size_t size : {std::size_t{1}, text.size()}) {
      EXPECT_EQ(scan(text, size).first, State::malformed);
    }
  }
}

TEST(EnvelopeScanner, AddressesUpToTheLimit) {
  const std::string longest(kAddressMax - 1, 'x');
  for (const std::size_t size : {std::size_t{1}, std::size_t{7}, std::size_t{5000}}) {
    EXPECT_EQ(scan("F" + longest + "\0\0"s, size).first, State::complete);
    EXPECT_EQ(scan("F" + longest + "x\0\0"s, size).first, State::address_too_long);
    EXPECT_EQ(scan("Fs\0T"s + longest + "\0\0"s, size).first, State::complete);
    EXPECT_EQ(scan("Fs\0T"s + longest + "x\0\0"s, size).first, State::address_too_long);
    // The address is refused as soon as it is too long, even without its end.
    EXPECT_EQ(scan("F" + longest + "x", size).first, State::address_too_long);
  }
}

TEST(Envelope, RecordsAreWhatTheScannerReads) {
  std::string text;
  append_record(text, 'F', "s@a");
  append_record(text, 'T', "r@b");
  append_record(text, 'T', "");
  EXPECT_EQ(text, "Fs@a\0Tr@b\0T\0"s);
  EXPECT_EQ(text.size(), record_size(3) + record_size(3) + record_size(0));
  EXPECT_EQ(scan(text + "\0"s, 4).first, State::complete);
}

TEST(RecordParser, RecordsAndWhatIsLeft) {
  const std::string text = "Ta\0Db\0\0Tc"s;
  RecordParser records(text);
  auto record = records.next();
  ASSERT_TRUE(record);
  EXPECT_EQ(record->letter, 'T');
  EXPECT_EQ(record->value, "a");
  record = records.next();
  ASSERT_TRUE(record);
  EXPECT_EQ(record->letter, 'D');
  record = records.next();
  ASSERT_TRUE(record);
  EXPECT_EQ(record->letter, '\0');
  EXPECT_FALSE(records.next());
  EXPECT_TRUE(records.unfinished());
}

TEST(Todo, BeginsWithWhoQueuedIt) {
  EXPECT_EQ(todo_head(7001, 12), "u7001\0p12\0"s);
  EXPECT_EQ(info_record("s@a"), "Fs@a\0"s);
}

TEST(MessageId, WholeNumbersOnly) {
  EXPECT_EQ(MessageId::parse("145")->number(), 145U);
  EXPECT_EQ(MessageId::parse("0")->number(), 0U);
  EXPECT_EQ(MessageId::parse("18446744073709551615")->text(), "18446744073709551615");
  for (const std::string& name :
       {""s, "x"s, "1x"s, "x1"s, "-1"s, "+1"s, " 1"s, "01"s, "18446744073709551616"s, "1\0"s}) {
    EXPECT_FALSE(MessageId::parse(name)) << name;
  }
}

TEST(Received, QueueLines) {
  const auto when = base::from_epoch(1'795'361'033);
  EXPECT_EQ(queue_received(145, QueueCaller::user, 7001, when),
            "Received: (qmail 145 invoked by uid 7001); 22 Nov 2026 15:23:53 -0000\n");
  EXPECT_EQ(queue_received(1, QueueCaller::alias, 7, base::from_epoch(0)),
            "Received: (qmail 1 invoked by alias); 1 Jan 1970 00:00:00 -0000\n");
  EXPECT_EQ(queue_received(1, QueueCaller::network, 7, base::from_epoch(0)),
            "Received: (qmail 1 invoked from network); 1 Jan 1970 00:00:00 -0000\n");
  EXPECT_EQ(queue_received(1, QueueCaller::bounce, 7, base::from_epoch(0)),
            "Received: (qmail 1 invoked for bounce); 1 Jan 1970 00:00:00 -0000\n");
}

TEST(Received, SafeBytes) {
  for (int byte = 0; byte < 256; ++byte) {
    const char c = static_cast<char>(byte);
    const bool kept = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                      (c >= '0' && c <= '9') ||
                      (c != '\0' && std::string(".@%+/=:-").find(c) != std::string::npos);
    EXPECT_EQ(received_safe(std::string(1, c)), std::string(1, kept ? c : '?')) << byte;
  }
}

}  // namespace
}  // namespace reqmail::mail
