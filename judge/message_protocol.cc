#include "judge/message_protocol.h"

#include <utility>

#include "base/terminal_text.h"

namespace reqmail::judge {

namespace {

constexpr std::size_t kDomainMax = 255;
constexpr std::size_t kListMax = 65'536;
constexpr std::size_t kResultMax = 2000;
// As many signatures as are verified, and some that are only named.
constexpr std::size_t kResultsMax = 64;
constexpr std::size_t kWordMax = 16;
constexpr std::size_t kLineMax = 16'384;

FrameWriter writer(FrameKind kind) {
  return FrameWriter(static_cast<char>(kind));
}

bool is(const FrameReader& frame, FrameKind kind) {
  return frame.letter() == static_cast<char>(kind);
}

}  // namespace

std::string encode(const MessageRequest& request) {
  return writer(FrameKind::message)
      .number(static_cast<std::uint64_t>(request.dmarc))
      .flag(request.exempt)
      .texts(request.exempt_authors)
      .texts(request.trusted_sealers)
      .frame();
}

std::optional<MessageRequest> decode_message_request(std::string_view content) {
  FrameReader frame(content);
  MessageRequest request;
  request.dmarc =
      static_cast<DmarcMode>(frame.number_up_to(static_cast<std::uint64_t>(DmarcMode::reject)));
  request.exempt = frame.flag();
  request.exempt_authors = frame.texts(kListMax, kDomainMax);
  request.trusted_sealers = frame.texts(kListMax, kDomainMax);
  return is(frame, FrameKind::message) && frame.ok() ? std::optional(std::move(request))
                                                     : std::nullopt;
}

std::string encode_piece(std::string_view piece) {
  return writer(FrameKind::piece).text(piece).frame();
}

std::optional<std::string> decode_piece(std::string_view content) {
  FrameReader frame(content);
  std::string piece = frame.text(kPieceMax);
  return is(frame, FrameKind::piece) && frame.ok() ? std::optional(std::move(piece))
                                                   : std::nullopt;
}

std::string encode_end() {
  return writer(FrameKind::end).frame();
}

std::string encode_give_up() {
  return writer(FrameKind::give_up).frame();
}

std::string encode(const MessageAnswer& answer) {
  return writer(FrameKind::end)
      .texts(answer.results)
      .text(answer.dkim)
      .text(answer.arc)
      .text(answer.dmarc)
      .number(static_cast<std::uint64_t>(answer.advice))
      .text(answer.policy_domain)
      .text(answer.line)
      .frame();
}

std::optional<MessageAnswer> decode_message_answer(std::string_view content) {
  FrameReader frame(content);
  MessageAnswer answer;
  answer.results = frame.texts(kResultsMax, kResultMax);
  for (std::string& result : answer.results) {
    result = base::terminal_safe(result, '?');
  }
  answer.dkim = frame.shown_text(kWordMax);
  answer.arc = frame.shown_text(kWordMax);
  answer.dmarc = frame.shown_text(kWordMax);
  answer.advice = static_cast<DmarcAdvice>(
      frame.number_up_to(static_cast<std::uint64_t>(DmarcAdvice::unknown)));
  answer.policy_domain = frame.shown_text(kDomainMax);
  answer.line = frame.text(kLineMax);
  if (!answer.line.empty()) {
    answer.line.pop_back();
    answer.line = base::terminal_safe(answer.line, '?');
    answer.line.push_back('\n');
  }
  return is(frame, FrameKind::end) && frame.ok() ? std::optional(std::move(answer))
                                                 : std::nullopt;
}

}  // namespace reqmail::judge
