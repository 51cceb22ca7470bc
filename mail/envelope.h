// Envelopes as they travel: on descriptor 1 of a queue program, and as the records of queue
// files (envelopes(5)).
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace reqmail::mail {

// What ends a record, an envelope, a command of qmail-clean.
inline constexpr std::string_view kNul("\0", 1);

// The most of an envelope, in its records, that a server takes from the network, however many
// recipients that is.
inline constexpr std::size_t kNetworkEnvelopeMax = std::size_t{16} << 20;

// The bytes of an address's record in what a queue program reads: F sender NUL, then T
// recipient NUL for each recipient, then NUL.
constexpr std::size_t record_size(std::size_t address) {
  return 1 + address + kNul.size();
}

// Checks an envelope from descriptor 1 while it comes in, in pieces of any size.
class EnvelopeScanner {
 public:
  enum class State {
    incomplete,        // more must come
    complete,          // the final NUL was there; what follows it is not looked at
    malformed,         // a record that is neither F at the first place nor T behind it
    address_too_long,  // more than kAddressMax - 1 bytes
  };

  struct Step {
    State state;
    // How many bytes of the piece belong to the records, the final NUL left out.
    std::size_t records;
  };

  // Not to be called again after another state than incomplete.
  Step feed(std::string_view piece);

 private:
  enum class Place { sender_letter, recipient_letter, address };

  Place place_ = Place::sender_letter;
  std::size_t length_ = 0;
};

// One record of todo/N, info/N, local/N or remote/N: a letter, a value, and a NUL.
struct Record {
  char letter = '\0';
  std::string_view value;
};

// Takes text apart into records. The views live as long as the text.
class RecordParser {
 public:
  explicit RecordParser(std::string_view text) : rest_(text) {}

  // The next whole record; nothing when there is none. A record without any byte (two NULs in a
  // row) has the letter NUL.
  std::optional<Record> next();

  // Bytes behind the last whole record: a record without its NUL.
  [[nodiscard]] bool unfinished() const { return !rest_.empty(); }

 private:
  std::string_view rest_;
};

// Appends letter, value, NUL.
void append_record(std::string& text, char letter, std::string_view value);

// The whole of info/N: F sender NUL.
std::string info_record(std::string_view sender);

// The records with which todo/N begins: u uid, p pid.
std::string todo_head(std::uint64_t uid, std::uint64_t pid);

}  // namespace reqmail::mail
