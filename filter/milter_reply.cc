#include "filter/milter_reply.h"

#include <algorithm>
#include <cstddef>
#include <utility>

#include "base/ascii.h"
#include "base/text.h"

namespace reqmail::filter {

std::optional<MilterReply> parse_milter_reply(std::string_view text) {
  constexpr std::size_t kCode = 3;
  MilterReply reply{MilterReply::Kind::text};
  for (std::string_view line : base::lines(text)) {
    while (line.ends_with('\r')) {
      line.remove_suffix(1);
    }
    if (line.size() < kCode || (line[0] != '4' && line[0] != '5') || !base::is_digit(line[1]) ||
        !base::is_digit(line[2]) ||
        (line.size() > kCode && line[kCode] != ' ' && line[kCode] != '-')) {
      return std::nullopt;
    }
    const unsigned code =
        static_cast<unsigned>((line[0] - '0') * 100 + (line[1] - '0') * 10 + (line[2] - '0'));
    if (reply.code != 0 && code != reply.code) {
      return std::nullopt;
    }
    if (reply.code != 0) {
      reply.text.push_back('\n');
    }
    reply.code = code;
    reply.text.append(line.substr(std::min(line.size(), kCode + 1)));
  }
  return reply.code == 0 ? std::nullopt : std::optional(std::move(reply));
}

}  // namespace reqmail::filter
