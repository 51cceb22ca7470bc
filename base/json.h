// Writes JSON (RFC 8259) for reports; there is no parser.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace reqmail::base {

// Writes one value, indented by two blanks for each level. Within an object each value needs a
// key before it, and the caller must close what it opens.
class JsonWriter {
 public:
  JsonWriter& open_object() { return open('{'); }

  JsonWriter& close_object() { return close('}'); }

  JsonWriter& open_array() { return open('['); }

  JsonWriter& close_array() { return close(']'); }

  JsonWriter& key(std::string_view name);
  // Bytes that are not UTF-8 become U+FFFD.
  JsonWriter& text(std::string_view value);
  JsonWriter& number(std::uint64_t value);
  JsonWriter& boolean(bool value);
  JsonWriter& null();

  // Returns the whole text with a line feed at the end.
  [[nodiscard]] std::string take();

 private:
  JsonWriter& open(char bracket);
  JsonWriter& close(char bracket);
  JsonWriter& raw(std::string_view value);
  void begin_value();
  void new_line();

  std::string out_;
  // The number of values so far in each open level.
  std::vector<std::size_t> counts_;
  bool after_key_ = false;
};

// Returns the text as a JSON string in quotes.
std::string json_string(std::string_view text);

}  // namespace reqmail::base
