// Encodings of envelopes: on descriptor 1 of a queue program, and as records of queue files
// (envelopes(5)).
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace reqmail::mail {

// The byte that ends a record, an envelope, and a command of qmail-clean.
inline constexpr std::string_view kNul("\0", 1);

// The largest envelope, counted by its records, that a server accepts from the network,
// whatever its number of recipients.
inline constexpr std::size_t kNetworkEnvelopeMax = std::size_t{16} << 20;

// Returns the number of bytes that an address takes in the envelope for a queue program, which
// has the form: F sender NUL, then T recipient NUL for each recipient, then NUL.
constexpr std::size_t record_size(std::size_t address) {
  return 1 + address + kNul.size();
}

// Checks an envelope from descriptor 1 as it comes, in pieces of any size.
class EnvelopeScanner {
 public:
  enum class State {
    incomplete,        // the envelope has not ended yet
    complete,          // the final NUL has come; bytes after it are not examined
    malformed,         // the first record is not F, or a later one is not T
    address_too_long,  // more than kAddressMax - 1 bytes
  };

  struct Step {
    State state;
    // The number of bytes of the piece that belong to records, without the final NUL.
    std::size_t records;
  };

  // Must not be called again after it has returned another state than incomplete.
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

// Splits a text into records. The views live as long as the text.
class RecordParser {
 public:
  explicit RecordParser(std::string_view text) : rest_(text) {}

  // Returns the next complete record; nullopt if there is none. An empty record (two NULs in a
  // row) has the letter NUL.
  std::optional<Record> next();

  // Returns whether bytes follow the last complete record: a record without its NUL.
  [[nodiscard]] bool unfinished() const { return !rest_.empty(); }

 private:
  std::string_view rest_;
};

// Appends a record: letter, value and NUL.
void append_record(std::string& text, char letter, std::string_view value);

// Returns the contents of info/N: F sender NUL.
std::string info_record(std::string_view sender);

// Returns the first records of todo/N: u uid, p pid.
std::string todo_head(std::uint64_t uid, std::uint64_t pid);

}  // namespace reqmail::mail
