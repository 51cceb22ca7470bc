#include "remote/recipient_report.h"

#include "base/text.h"
#include "mail/verdict_codec.h"

namespace reqmail::remote {

namespace {

constexpr std::string_view kEnd("\n\0", 2);
constexpr std::string_view kSaid = "Remote host said: ";

// The text of a reply ends in its own line feed, unless it was cut.
std::string with_reply(std::string_view before, std::string_view reply) {
  if (reply.empty()) {
    return base::concat({before, ".", kEnd});
  }
  return base::concat({before, ".\n", kSaid, reply, std::string_view("\0", 1)});
}

// What became of a message that the server got, without the full stop at the end.
std::string_view message_words(const proto::SmtpEnding& outcome) {
  if (outcome.verdict != mail::Grade::success) {
    return " failed after I sent the message";
  }
  std::string_view words = outcome.dsn_passed_on ? mail::kDsnPassedOn : " accepted message.";
  words.remove_suffix(1);
  return words;
}

}  // namespace

std::string failure_report(const Failure& failure) {
  return base::concat({mail::report(failure), kEnd});
}

std::string recipient_reports(const std::vector<proto::RecipientOutcome>& recipients,
                              std::string_view peer) {
  std::string reports;
  for (const proto::RecipientOutcome& recipient : recipients) {
    reports.push_back(mail::recipient_letter(recipient.verdict));
    if (recipient.verdict == mail::Grade::success) {
      reports.push_back('\0');
    } else {
      reports.append(
          with_reply(base::concat({peer, " does not like recipient"}), recipient.reply));
    }
  }
  return reports;
}

std::string tls_report(const Failure& failure, std::string_view peer) {
  return base::concat(
      {mail::report(mail::Grade::temporary, failure.text), " ", peer, ".", kEnd});
}

std::string outcome_report(const proto::SmtpEnding& outcome, std::string_view peer,
                           std::string_view demand) {
  const std::string verdict(1, mail::report_letter(outcome.verdict));
  std::string what;
  switch (outcome.stage) {
  case proto::SmtpStage::greeting:
    what = base::concat({verdict, "Connected to ", peer, " but greeting failed"});
    break;
  case proto::SmtpStage::hello:
    what = base::concat({verdict, "Connected to ", peer, " but my name was rejected"});
    break;
  case proto::SmtpStage::no_tls:
    what = base::concat({verdict, "No TLS achieved while ", demand, " ", peer});
    break;
  case proto::SmtpStage::starttls:
    what = base::concat({verdict, "STARTTLS rejected while ", demand, " ", peer});
    break;
  case proto::SmtpStage::login_needs_tls:
    what = base::concat(
        {verdict, "Connected to ", peer, " but will not authenticate without TLS"});
    break;
  case proto::SmtpStage::no_login:
    what = base::concat(
        {verdict, "Connected to ", peer, " but no authentication that I know is offered"});
    break;
  case proto::SmtpStage::login:
    what = base::concat({verdict, "Connected to ", peer,
                         " but authentication was rejected (AUTH ", outcome.mechanism, ")"});
    break;
  case proto::SmtpStage::no_utf8:
    return base::concat({verdict, "Connected to ", peer,
                         " but server does not support unicode in email addresses. (#5.6.7)",
                         kEnd});
  case proto::SmtpStage::sender:
    what = base::concat({verdict, "Connected to ", peer, " but sender was rejected"});
    break;
  case proto::SmtpStage::recipients:
    return base::concat({verdict, "Giving up on ", peer, ".", kEnd});
  case proto::SmtpStage::data:
    what = base::concat({verdict, peer, " failed on DATA command"});
    break;
  case proto::SmtpStage::message:
    what = base::concat({verdict, peer, message_words(outcome)});
    break;
  }
  return with_reply(what, outcome.reply);
}

std::string broken_report(std::string_view peer, bool possible_duplicate,
                          std::string_view last_words) {
  const Failure died =
      temporary(base::concat({"Connected to ", peer, " but connection died. ",
                              possible_duplicate ? "Possible duplicate! " : "", "(#4.4.2)"}));
  if (last_words.empty()) {
    return failure_report(died);
  }
  const std::string_view line_end = last_words.ends_with('\n') ? "" : "\n";
  return base::concat(
      {mail::report(died), "\n", kSaid, last_words, line_end, std::string_view("\0", 1)});
}

}  // namespace reqmail::remote
