// The checks of clients and senders in the DNS for one session: what the policy asks is asked
// of qmail-mailauth, remembered for the transaction, logged, and noted for the message.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/ip_address.h"
#include "judge/protocol.h"
#include "proto/question.h"
#include "proto/sender_findings.h"
#include "smtpd/judge_client.h"
#include "smtpd/sender_check_files.h"
#include "sys/env.h"

namespace reqmail::smtpd {

class SenderChecks {
 public:
  // `own_name`: control/me. `client`: TCPREMOTEIP; without an address no list and no SPF is
  // asked.
  SenderChecks(SenderCheckFiles files, std::string own_name, const std::string& client);

  // What the policy has to know: what cannot be asked is switched off.
  [[nodiscard]] const proto::SenderCheckSettings& settings() const { return files_.settings; }

  // Everything the DNS says about the sender and the client. The same question again is
  // answered from memory.
  proto::SenderFindings answer(const proto::Question& question);

  // Whether SPF is looked at.
  [[nodiscard]] bool checks_spf() const { return files_.settings.spf; }

  // Of the sender that was asked about last; empty if no sender was: the Received-SPF field
  // with its line end, if it is wanted; the result in the words of Authentication-Results; its
  // word.
  [[nodiscard]] std::string fields() const;

  [[nodiscard]] const std::string& spf_text() const { return spf_text_; }

  [[nodiscard]] std::string_view spf_word() const;

  // Sets what the queue program gets in its environment.
  void set_variables(sys::Environment& environment) const;

  // For messages.
  [[nodiscard]] JudgeClient& judge() { return judge_; }

 private:
  void ask(const proto::Question& question);
  void judge_lists(const std::vector<mail::ListFinding>& findings);

  SenderCheckFiles files_;
  std::optional<base::IpAddress> client_;
  JudgeClient judge_;
  // The lists are asked once.
  std::optional<proto::ListVerdict> lists_;
  // The question answered last, and what came of it.
  std::optional<proto::Question> asked_;
  proto::SenderFindings findings_;
  std::string received_spf_;
  std::string spf_text_;
};

}  // namespace reqmail::smtpd
