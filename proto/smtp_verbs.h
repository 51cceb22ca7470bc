// The commands of SMTP as a table. A row says how a command is called, what must have come
// before it, what its argument must be, which phase of the policy it begins, and what it does.
// A new command is a row and its effect, both in smtp_verbs.cc. Part of proto/smtp_server.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "proto/mail_policy.h"
#include "proto/smtp_state.h"
#include "proto/smtp_step.h"

namespace reqmail::proto {

// So many unknown commands in a row end the session.
inline constexpr unsigned kUnknownCommandsMax = 20;

// The command under way. The views live until it has its reply.
struct SmtpRequest {
  std::string_view line;
  std::string_view argument;
  std::string address = {};  // of MAIL and RCPT: what the argument check has made of it
  // Of the end of data.
  bool too_many_hops = false;
  std::uint64_t message_size = 0;
  bool message_is_lost = false;
};

// Each function is called in this order, as far as the row has it. One that asks a question is
// called again with the answers, so it must not change the state before it has them.
struct SmtpVerb {
  enum class Needs { nothing, mail, recipient };

  std::string_view name;
  bool in_help = true;
  // If it refuses, the command is treated as unknown.
  Ruling (*offered)(const SmtpState& state, Answers answers) = nullptr;
  // What must have come before it in the transaction.
  Needs needs = Needs::nothing;
  Ruling (*check)(const SmtpState& state, SmtpRequest& request, Answers answers) = nullptr;
  std::optional<PolicyPhase> phase = std::nullopt;
  SmtpStep (*effect)(SmtpState& state, SmtpRequest& request, Answers answers) = nullptr;
};

// The row of a word, in any case; the one of unknown commands if there is none.
const SmtpVerb& find_smtp_verb(std::string_view word);

// The rows that belong to no word.
const SmtpVerb& unknown_command();
const SmtpVerb& session_start();
const SmtpVerb& end_of_data();

// What follows from a step of an exchange under AUTH.
SmtpStep login_step(SmtpAuthStep step);

// The whole line is a reply.
SmtpStep smtp_reply(std::string_view line);
SmtpStep smtp_refuse(const Refusal& refusal);

}  // namespace reqmail::proto
