// The reasons for refusals and their texts, one row for each reason. A row says what an SMTP
// client reads, which word the session log uses, and whether the session ends. QMTP and QMQP
// use the same text after the letter that corresponds to the code.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace reqmail::proto {

enum class RefusalKind : std::uint8_t {
  none,       // accepted
  no_answer,  // a question could not be answered
  // Addresses, senders and recipients in SMTP:
  malformed,
  bad_parameter,
  address_too_long,
  smtputf8_not_said,
  not_utf8,
  no_such_u_label,
  u_label_unsure,
  bad_sender,
  not_listed,
  too_many_recipients,
  sender_denied,
  recipient_denied,
  helo_denied,
  null_sender_denied,
  too_many_bad_recipients,
  early_talker,
  not_in_validrcptto,
  not_in_recipients,
  no_mailbox,
  recipient_unsure,
  checker_refused,
  checker_unsure,
  checker_not_run,
  checker_over_limit,
  checker_nonsense,
  srs_not_valid,
  srs_expired,
  srs_for_bounces,
  login_first,
  not_the_user,
  tls_first,
  // What the DNS says about senders and clients:
  no_such_sender_domain,
  sender_domain_refuses_mail,
  sender_domain_unknown,
  spf_unknown,
  spf_refused,
  listed_for_now,
  listed,
  // The same in QMTP and QMQP:
  unfit_sender,
  unfit_recipient,
  unfit_address,
  too_many_for_one_answer,
  // What external filters and services refuse:
  filtered,
  filter_defers,
  policy_unavailable,
  // Messages:
  too_large,
  looping,
  dmarc_rejects,
  no_single_author,
  malformed_author,
  dmarc_unknown,
  no_queue,
  not_held,
  bare_line_feed,
  // The order of commands:
  mail_first,
  recipient_first,
  no_tls_in_transaction,
  no_tls_after_login,
  no_login_in_transaction,
  // Commands:
  unknown_command,
  too_many_unknown_commands,
  http_request,
  line_too_long,
  no_parameters,
  timed_out,
  // AUTH:
  login_line_too_long,
  login_unavailable,
  login_needs_tls,
  logged_in_already,
  unknown_mechanism,
  no_random_word,
  login_cancelled,
  login_malformed,
  login_refused,
  login_trouble,
  too_many_logins,
};

struct Refusal {
  RefusalKind kind = RefusalKind::none;
  unsigned code = 0;        // the reply code of SMTP
  std::string text;         // the text after the code; lines end in LF
  std::string_view reason;  // one word for the session log; empty if the refusal is not logged
  bool ends_session = false;
  bool bad_recipient = false;         // counts for brtlimit
  std::vector<std::string> log = {};  // log lines without their common prefix
};

// Returns the refusal of a row. `note` is inserted before the status code at the end of the
// text.
Refusal refusal(RefusalKind kind, std::string_view note = {});

// Returns the refusal for a question that could not be answered, unless a check has its own:
// "421 " with the text of the Failure, and the end of the session.
Refusal refusal_for(const Failure& failure);

// Returns the reply, each line with CR LF.
std::string smtp_reply_line(const Refusal& refusal);

// Returns the refusal as a verdict of QMTP and QMQP: a letter and the text.
std::string frame_verdict(const Refusal& refusal);

}  // namespace reqmail::proto
