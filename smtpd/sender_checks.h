// The checks of clients and senders in the DNS for one session: asks qmail-mailauth the
// questions of the policy, remembers the answers for the transaction, logs them, and records
// them for the message.
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
  // `own_name` is control/me, and `client` is TCPREMOTEIP; without an address neither lists nor
  // SPF are used.
  SenderChecks(SenderCheckFiles files, std::string own_name, const std::string& client);

  // Returns the settings for the policy; checks that cannot be made are switched off.
  [[nodiscard]] const proto::SenderCheckSettings& settings() const { return files_.settings; }

  // Returns everything that the DNS says about the sender and the client. A repeated question
  // is answered from memory.
  proto::SenderFindings answer(const proto::Question& question);

  // Returns whether SPF is checked.
  [[nodiscard]] bool checks_spf() const { return files_.settings.spf; }

  // These concern the last sender and are empty without one: the Received-SPF field with its
  // line end, if it is wanted; the result in the form of Authentication-Results; and the word
  // of the result.
  [[nodiscard]] std::string fields() const;

  [[nodiscard]] const std::string& spf_text() const { return spf_text_; }

  [[nodiscard]] std::string_view spf_word() const;

  // Sets the variables of the queue program.
  void set_variables(sys::Environment& environment) const;

  // Returns the client for the judgement of messages.
  [[nodiscard]] JudgeClient& judge() { return judge_; }

 private:
  void ask(const proto::Question& question);
  void judge_lists(const std::vector<mail::ListFinding>& findings);

  SenderCheckFiles files_;
  std::optional<base::IpAddress> client_;
  JudgeClient judge_;
  // The result of the lists, which are asked only once.
  std::optional<proto::ListVerdict> lists_;
  // The last question, and its answer.
  std::optional<proto::Question> asked_;
  proto::SenderFindings findings_;
  std::string received_spf_;
  std::string spf_text_;
};

}  // namespace reqmail::smtpd
