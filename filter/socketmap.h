// The client's side of Postfix's socketmap protocol (socketmap_table(5)): a netstring "MAP KEY"
// is answered by a netstring that begins with a word for the result.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "base/netstring.h"
#include "base/result.h"
#include "filter/service_line.h"

namespace reqmail::filter {

// The longest answer in bytes; a longer one is malformed.
inline constexpr std::size_t kSocketmapAnswerMax = 100'000;

// Where a map is: unix:PATH:MAP or inet:HOST:PORT:MAP.
struct SocketmapPlace {
  ServiceLine service;
  std::string map;
};

// The text of a Failure says why it is malformed.
Result<SocketmapPlace> parse_socketmap_place(std::string_view text);

std::string socketmap_request(std::string_view map, std::string_view key);

struct SocketmapAnswer {
  enum class Status {
    found,      // `value` is what the map has
    not_found,  // the map has nothing
    failed      // the server cannot say, or its answer makes no sense
  };

  Status status = Status::failed;
  std::string value = {};
};

// Takes the bytes of an answer as they come.
class SocketmapReader {
 public:
  // Returns the answer once it is complete or malformed; then this must not be called again.
  std::optional<SocketmapAnswer> feed(std::string_view bytes);

 private:
  base::NetstringLength length_{kSocketmapAnswerMax};
  bool has_length_ = false;
  std::string text_;
};

}  // namespace reqmail::filter
