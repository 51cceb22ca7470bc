// Look-ups of accounts by a process that stays: qmail-getpw(8) when qmail-lspawn runs it so.
//
// A question is a packet of four bytes, its number, and the local part. An answer is a packet
// of the same number, one byte with the exit code that qmail-getpw would end with, and what it
// would print.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "users/user_lookup.h"

namespace reqmail::users {

// The second argument of a qmail-getpw that answers on its descriptor 0; its first is empty,
// which no question is.
inline constexpr std::string_view kStay = "stay";
// A packet is no longer.
inline constexpr std::size_t kLookupPacketMax = std::size_t{128} << 10;

// How qmail-getpw ends, and what it prints.
struct LookupAnswer {
  int code = 0;
  std::string fields;
};

// The answer for a local part, as find_account() has it.
LookupAnswer look_up(Accounts& accounts, std::string_view local_part, char break_character,
                     const std::string& alias);

std::string lookup_question(std::uint32_t number, std::string_view local_part);
std::string lookup_answer(std::uint32_t number, const LookupAnswer& answer);

struct NumberedAnswer {
  std::uint32_t number = 0;
  LookupAnswer answer;
};

// nullopt where a packet is no answer.
std::optional<NumberedAnswer> parse_lookup_answer(std::string_view packet);

// Answers one question after the other until the other end of the socket is gone, or no
// question has come for ten seconds.
void serve_lookups(int socket, const std::function<LookupAnswer(std::string_view)>& answer);

}  // namespace reqmail::users
