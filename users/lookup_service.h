// Account look-ups by a process that stays: qmail-getpw(8), if qmail-lspawn runs it in this
// way.
//
// A question is a packet with a number of four bytes and the local part. An answer is a packet
// with the same number, one byte with the exit code that qmail-getpw would end with, and the
// text that it would print.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "users/user_lookup.h"

namespace reqmail::users {

// The second argument of a qmail-getpw that answers on its descriptor 0. Its first argument is
// empty, which is no local part to ask for.
inline constexpr std::string_view kStay = "stay";
// The longest packet in bytes.
inline constexpr std::size_t kLookupPacketMax = std::size_t{128} << 10;

// The exit code of qmail-getpw, and what it prints.
struct LookupAnswer {
  int code = 0;
  std::string fields;
};

// Returns the answer for a local part according to find_account().
LookupAnswer look_up(Accounts& accounts, std::string_view local_part, char break_character,
                     const std::string& alias);

std::string lookup_question(std::uint32_t number, std::string_view local_part);
std::string lookup_answer(std::uint32_t number, const LookupAnswer& answer);

struct NumberedAnswer {
  std::uint32_t number = 0;
  LookupAnswer answer;
};

// Returns nullopt if the packet is not an answer.
std::optional<NumberedAnswer> parse_lookup_answer(std::string_view packet);

// Answers questions until the other end of the socket is closed, or until no question has come
// for ten seconds.
void serve_lookups(int socket, const std::function<LookupAnswer(std::string_view)>& answer);

}  // namespace reqmail::users
