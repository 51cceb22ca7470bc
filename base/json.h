// JSON (RFC 8259) as far as reports need it: written, never read.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace reqmail::base {

// Writes one value with two blanks for each level. Keys come before values in objects alone;
// the caller closes what it opens.
class JsonWriter {
 public:
  JsonWriter& open_object() { return open('{'); }

  JsonWriter& close_object() { return close('}'); }

  JsonWriter& open_array() { return open('['); }

  JsonWriter& close_array() { return close(']'); }

  JsonWriter& key(std::string_view name);
  // Bytes that are no UTF-8 become U+FFFD.
  JsonWriter& text(std::string_view value);
  JsonWriter& number(std::uint64_t value);
  JsonWriter& boolean(bool value);
  JsonWriter& null();

  // All of it, with a line feed behind.
  [[nodiscard]] std::string take();

 private:
  JsonWriter& open(char bracket);
  JsonWriter& close(char bracket);
  JsonWriter& raw(std::string_view value);
  void begin_value();
  void new_line();

  std::string out_;
  // Values so far, for each level that is open.
  std::vector<std::size_t> counts_;
  bool after_key_ = false;
};

// The text in quotes.
std::string json_string(std::string_view text);

}  // namespace reqmail::base
