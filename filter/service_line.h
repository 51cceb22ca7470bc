// A line of control/smtpdmilters or control/smtpdpolicy: where a service listens, and what
// holds if it does not answer.
//
//   unix:/path[,OPTION]...   inet:HOST:PORT[,OPTION]...   inet6:HOST:PORT[,OPTION]...
//
// Options are default=WORD and timeout=SECONDS.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/time.h"

namespace reqmail::filter {

struct ServiceLine {
  enum class Kind { unix_socket, inet, inet6 };

  Kind kind = Kind::unix_socket;
  std::string place;  // as the line writes it, without options
  std::string host;   // or the path of the socket
  std::uint16_t port = 0;
  std::string fallback;  // the word of default=, or the first of those allowed
  std::optional<base::Seconds> timeout;
};

// `fallbacks`: the words that default= may have. The text of a Failure says why the line makes
// no sense.
Result<ServiceLine> parse_service_line(std::string_view line,
                                       std::span<const std::string_view> fallbacks);

// All lines that make sense. A message for people about each other one is appended to `faults`;
// `where` is the file or variable that it names.
std::vector<ServiceLine> parse_service_lines(const std::vector<std::string>& lines,
                                             std::string_view where,
                                             std::span<const std::string_view> fallbacks,
                                             std::vector<std::string>& faults);

// The words for each file, the one that holds without the option first.
std::span<const std::string_view> milter_fallbacks();
std::span<const std::string_view> policy_fallbacks();

}  // namespace reqmail::filter
