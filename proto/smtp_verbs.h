// The commands of SMTP as a table. A row has the command's name, what must have come before it,
// the check of its argument, the phase of the policy that it begins, and its effect. A new
// command needs a row and an effect, both in smtp_verbs.cc. This is part of proto/smtp_server.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "proto/mail_policy.h"
#include "proto/smtp_state.h"
#include "proto/smtp_step.h"

namespace reqmail::proto {

// This many unknown commands in a row end the session.
inline constexpr unsigned kUnknownCommandsMax = 20;

// The command being handled. The views are valid until it has its reply.
struct SmtpRequest {
  std::string_view line;
  std::string_view argument;
  std::string address = {};   // the address of MAIL or RCPT, set by the argument check
  std::string compared = {};  // the same with A-labels
  // These concern the end of the data only.
  bool too_many_hops = false;
  std::uint64_t message_size = 0;
  bool message_is_lost = false;
};

// The functions of a row are called in this order; a null one is skipped. A function that
// returns a question is called again with the answers, so it must not change the state before
// it has them all.
struct SmtpVerb {
  enum class Needs { nothing, mail, recipient };

  std::string_view name;
  bool in_help = true;
  // If this refuses, the command is treated as unknown.
  Ruling (*offered)(const SmtpState& state, Answers answers) = nullptr;
  // What must have come before the command in the transaction.
  Needs needs = Needs::nothing;
  Ruling (*check)(const SmtpState& state, SmtpRequest& request, Answers answers) = nullptr;
  std::optional<PolicyPhase> phase = std::nullopt;
  SmtpStep (*effect)(SmtpState& state, SmtpRequest& request, Answers answers) = nullptr;
};

// Returns the row for a word, in any case, or unknown_command() if there is none.
const SmtpVerb& find_smtp_verb(std::string_view word);

// The rows that have no name.
const SmtpVerb& unknown_command();
const SmtpVerb& session_start();
const SmtpVerb& end_of_data();

// Converts a step of an exchange of AUTH to a step of the session.
SmtpStep login_step(SmtpAuthStep step);

// The argument of smtp_reply() is the whole line, without its line end.
SmtpStep smtp_reply(std::string_view line);
SmtpStep smtp_refuse(const Refusal& refusal);

}  // namespace reqmail::proto
