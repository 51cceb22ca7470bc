#include "judge/protocol.h"

#include <utility>

#include "config.h"

namespace reqmail::judge {

namespace {

// More is no address or name; see kSmtpAddressMax and kHeloMax of proto/.
constexpr std::size_t kAddressMax = 1000;
constexpr std::size_t kRulesMax = 8192;
// What a reply shows.
constexpr std::size_t kReplyMax = 500;
// A field has two addresses, quoted, and two names.
constexpr std::size_t kFieldMax = 4096;
constexpr std::size_t kListsMax = 256;
constexpr std::size_t kAddressesMax = 64;

FrameWriter writer(FrameKind kind) {
  return FrameWriter(static_cast<char>(kind));
}

bool is(const FrameReader& frame, FrameKind kind) {
  return frame.letter() == static_cast<char>(kind);
}

void write(FrameWriter& frame, const mail::ListFinding& finding) {
  std::vector<std::string> addresses;
  for (const base::IpAddress& address : finding.addresses) {
    addresses.push_back(address.text());
  }
  frame.number(static_cast<std::uint64_t>(finding.status)).texts(addresses).text(finding.text);
}

mail::ListFinding read_finding(FrameReader& frame) {
  mail::ListFinding finding;
  finding.status = static_cast<mail::ListFinding::Status>(
      frame.number_up_to(static_cast<std::uint64_t>(mail::ListFinding::Status::failed)));
  for (const std::string& text : frame.texts(kAddressesMax, kAddressMax)) {
    if (const auto address = base::IpAddress::parse(text)) {
      finding.addresses.push_back(*address);
    }
  }
  finding.text = frame.shown_text(kReplyMax);
  return finding;
}

}  // namespace

std::string encode(const SessionSettings& settings) {
  return writer(FrameKind::settings)
      .text(config::kVersion)
      .text(settings.receiver)
      .text(settings.client)
      .text(settings.spf_rules)
      .text(settings.spf_guess)
      .text(settings.spf_explanation)
      .number(settings.seconds)
      .frame();
}

std::optional<SessionSettings> decode_settings(std::string_view content) {
  FrameReader frame(content);
  SessionSettings settings;
  const bool same_release = frame.text(kAddressMax) == config::kVersion;
  settings.receiver = frame.text(kAddressMax);
  settings.client = frame.text(kAddressMax);
  settings.spf_rules = frame.text(kRulesMax);
  settings.spf_guess = frame.text(kRulesMax);
  settings.spf_explanation = frame.text(kRulesMax);
  settings.seconds = frame.number();
  return is(frame, FrameKind::settings) && frame.ok() && same_release
             ? std::optional(std::move(settings))
             : std::nullopt;
}

std::string encode(const SenderRequest& request) {
  return writer(FrameKind::sender)
      .text(request.sender)
      .text(request.helo)
      .flag(request.domain)
      .flag(request.spf)
      .texts(request.lists)
      .frame();
}

std::optional<SenderRequest> decode_sender_request(std::string_view content) {
  FrameReader frame(content);
  SenderRequest request;
  request.sender = frame.text(kAddressMax);
  request.helo = frame.text(kAddressMax);
  request.domain = frame.flag();
  request.spf = frame.flag();
  request.lists = frame.texts(kListsMax, kAddressMax);
  return is(frame, FrameKind::sender) && frame.ok() ? std::optional(std::move(request))
                                                    : std::nullopt;
}

std::string encode(const SenderAnswer& answer) {
  FrameWriter frame = writer(FrameKind::sender);
  frame.number(static_cast<std::uint64_t>(answer.domain))
      .number(static_cast<std::uint64_t>(answer.spf))
      .text(answer.explanation)
      .text(answer.received_spf)
      .text(answer.result)
      .number(answer.lists.size());
  for (const mail::ListFinding& finding : answer.lists) {
    write(frame, finding);
  }
  return frame.frame();
}

std::optional<SenderAnswer> decode_sender_answer(std::string_view content) {
  FrameReader frame(content);
  SenderAnswer answer;
  answer.domain = static_cast<mail::SenderDomain>(
      frame.number_up_to(static_cast<std::uint64_t>(mail::SenderDomain::unknown)));
  answer.spf = static_cast<mail::SpfWord>(
      frame.number_up_to(static_cast<std::uint64_t>(mail::SpfWord::permerror)));
  answer.explanation = frame.shown_text(kReplyMax);
  answer.received_spf = frame.shown_text(kFieldMax);
  answer.result = frame.shown_text(kFieldMax);
  for (std::uint64_t left = frame.number_up_to(kListsMax); left > 0; --left) {
    answer.lists.push_back(read_finding(frame));
  }
  return is(frame, FrameKind::sender) && frame.ok() ? std::optional(std::move(answer))
                                                    : std::nullopt;
}

}  // namespace reqmail::judge
