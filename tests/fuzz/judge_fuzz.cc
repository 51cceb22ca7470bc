// Any bytes as what comes over the socket between qmail-smtpd and qmail-mailauth: frames are
// read without harm, and what is taken from them is cut and printable.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "judge/frames.h"
#include "judge/message_protocol.h"
#include "judge/protocol.h"

namespace {

using namespace reqmail::judge;

void require(bool condition) {
  if (!condition) {
    std::abort();
  }
}

void require_printable(std::string_view text) {
  require(std::all_of(text.begin(), text.end(), [](char c) { return c >= ' ' && c <= '~'; }));
}

void check(std::string_view content) {
  if (const auto settings = decode_settings(content)) {
    require(decode_settings(content)->receiver == settings->receiver);
  }
  if (const auto request = decode_sender_request(content)) {
    require(request->sender.size() <= content.size());
  }
  if (const auto answer = decode_sender_answer(content)) {
    require_printable(answer->explanation);
    require_printable(answer->received_spf);
    require_printable(answer->result);
    for (const auto& finding : answer->lists) {
      require_printable(finding.text);
    }
  }
  (void)decode_message_request(content);
  if (const auto piece = decode_piece(content)) {
    require(piece->size() <= kPieceMax);
  }
  if (const auto answer = decode_message_answer(content)) {
    for (const auto& result : answer->results) {
      require_printable(result);
    }
    require(answer->line.empty() || answer->line.find('\n') == answer->line.size() - 1);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  FrameSplitter splitter;
  std::size_t frames = 0;
  for (std::size_t at = 0; at < size; at += 5) {
    splitter.feed(text.substr(at, 5));
    while (const auto content = splitter.next()) {
      check(*content);
      ++frames;
    }
  }
  require(frames <= size);
  check(text);
  return 0;
}
