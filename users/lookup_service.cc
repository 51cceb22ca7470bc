#include "users/lookup_service.h"

#include <cerrno>
#include <chrono>
#include <utility>

#include "base/packet_number.h"
#include "mail/verdict_codec.h"
#include "sys/descriptor_io.h"
#include "sys/packets.h"

namespace reqmail::users {

namespace {

constexpr std::chrono::seconds kIdle(10);

int exit_code(LookupTrouble trouble) {
  switch (trouble) {
  case LookupTrouble::no_alias:
    return mail::lspawn_exit::kNoAlias;
  case LookupTrouble::home:
    return mail::lspawn_exit::kNfs;
  case LookupTrouble::accounts:
    break;
  }
  return mail::lspawn_exit::kSystem;
}

// Returns whether more questions may come.
bool answer_next(int socket, const std::function<LookupAnswer(std::string_view)>& answer) {
  const auto question = sys::receive_packet(socket, kLookupPacketMax);
  if (!question) {
    return question.error().error == EAGAIN && sys::wait_readable(socket, kIdle).has_value();
  }
  if (!*question || (*question)->bytes.size() < base::kPacketNumberSize) {
    return false;
  }
  const std::string_view bytes = (*question)->bytes;
  const std::string packet = lookup_answer(base::number_of_packet(bytes),
                                           answer(bytes.substr(base::kPacketNumberSize)));
  auto sent = sys::send_packet(socket, packet);
  if (!sent && sent.error().error == EAGAIN && sys::wait_writable(socket, kIdle)) {
    sent = sys::send_packet(socket, packet);
  }
  return sent.has_value();
}

}  // namespace

LookupAnswer look_up(Accounts& accounts, std::string_view local_part, char break_character,
                     const std::string& alias) {
  const auto found = find_account(accounts, local_part, break_character, alias);
  if (const auto* trouble = std::get_if<LookupTrouble>(&found)) {
    return {exit_code(*trouble), {}};
  }
  return {0, format_user(*std::get_if<User>(&found))};
}

std::string lookup_question(std::uint32_t number, std::string_view local_part) {
  return base::packet_number(number).append(local_part);
}

std::string lookup_answer(std::uint32_t number, const LookupAnswer& answer) {
  std::string packet = base::packet_number(number);
  packet += static_cast<char>(answer.code);
  return packet + answer.fields;
}

std::optional<NumberedAnswer> parse_lookup_answer(std::string_view packet) {
  if (packet.size() <= base::kPacketNumberSize) {
    return std::nullopt;
  }
  return NumberedAnswer{base::number_of_packet(packet),
                        {static_cast<unsigned char>(packet[base::kPacketNumberSize]),
                         std::string(packet.substr(base::kPacketNumberSize + 1))}};
}

void serve_lookups(int socket, const std::function<LookupAnswer(std::string_view)>& answer) {
  while (answer_next(socket, answer)) {
  }
}

}  // namespace reqmail::users
