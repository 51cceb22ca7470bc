#include "remote/group_ends.h"

#include "remote/recipient_report.h"

namespace reqmail::remote {

namespace {

using Kind = RecipientEnd::Kind;

// The connection broke before the message was sent, maybe because of the number of recipients.
bool is_broken(const SmtpTransactionResult& result) {
  return !result.ending && !result.failure && !result.possible_duplicate;
}

// Nothing was said of the recipient, or it was accepted.
RecipientEnd end_of_others(const SmtpTransactionResult& result, bool answered,
                           const std::string& peer) {
  if (is_broken(result)) {
    return {Kind::alone, {}};
  }
  const std::string record = answered ? recipient_reports({{}}, peer) : std::string();
  return {Kind::reported, record + report_of_end(result, peer)};
}

RecipientEnd end_of_refused(const SmtpTransactionResult& result,
                            const proto::RecipientOutcome& outcome, const std::string& peer) {
  const bool taken = result.ending && result.ending->stage == proto::SmtpStage::message &&
                     result.ending->verdict == mail::Grade::success;
  if (outcome.verdict == mail::Grade::temporary && (taken || is_broken(result))) {
    return {taken ? Kind::later : Kind::alone, {}};
  }
  // This is how the transaction would have ended.
  proto::SmtpEnding ending;
  ending.stage = proto::SmtpStage::recipients;
  ending.verdict = mail::Grade::permanent;
  return {Kind::reported, recipient_reports({outcome}, peer) + outcome_report(ending, peer)};
}

}  // namespace

std::string report_of_end(const SmtpTransactionResult& result, const std::string& peer) {
  if (result.ending) {
    return outcome_report(*result.ending, peer);
  }
  return result.failure ? failure_report(*result.failure)
                        : broken_report(peer, result.possible_duplicate, result.last_words);
}

std::vector<RecipientEnd> ends_of_group(const SmtpTransactionResult& result, std::size_t count,
                                        const std::string& peer) {
  std::vector<RecipientEnd> ends;
  for (std::size_t i = 0; i < count; ++i) {
    const bool answered = i < result.recipients.size();
    const bool refused = answered && result.recipients[i].verdict != mail::Grade::success;
    ends.push_back(refused ? end_of_refused(result, result.recipients[i], peer)
                           : end_of_others(result, answered, peer));
  }
  return ends;
}

}  // namespace reqmail::remote
