// The sources of proto/recipient_checks: control/validrcptto with its databases,
// control/recipients, realrcptto, and the program of RCPTCHECK. If a source cannot be read, the
// question about a recipient gets a Failure with the text for the client.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/constmap.h"
#include "base/result.h"
#include "base/time.h"
#include "control/files.h"
#include "proto/mail_policy.h"
#include "proto/question.h"
#include "proto/recipient_lists.h"
#include "smtpd/real_recipients.h"
#include "sys/cdb.h"
#include "sys/env.h"

namespace reqmail::smtpd {

// The settings from control files.
struct RecipientFiles {
  std::optional<std::vector<std::string>> valid;       // validrcptto
  bool may_have_more = false;                          // morevalidrcptto.cdb
  bool may_have_cdb = false;                           // validrcptto.cdb
  std::optional<std::vector<std::string>> recipients;  // recipients
  std::uint64_t real = 0;                              // realrcptto

  static RecipientFiles load(control::ControlFiles& control);
};

struct RecipientEnvironment {
  std::optional<std::string> valid;   // VALIDRCPTTO: another file
  std::optional<std::string> more;    // MOREVALIDRCPTTO_CDB
  std::optional<std::uint64_t> real;  // REALRCPTTO, CHKUSER_START
  bool refuses_for_now = false;       // RECIPIENTS450
  bool marks_chkuser = false;         // CHKUSER_IDENTIFY
  std::string checker;                // RCPTCHECK; may be empty
  bool checks_for_relays = false;     // RCPTCHECKRELAYCLIENT
};

RecipientEnvironment recipient_environment();

class RecipientSources {
 public:
  // Appends a message to `faults` for each malformed line. `limit` is the time limit for a
  // program.
  RecipientSources(const RecipientFiles& files, const RecipientEnvironment& environment,
                   base::Seconds limit, std::vector<std::string>& faults);

  [[nodiscard]] const proto::RecipientCheckSettings& settings() const { return settings_; }

  // Answers Question::About::recipient.
  Result<proto::Answer> know(const proto::Question& question);

  // Answers Question::About::checker. `environment` has additional variables for the program.
  [[nodiscard]] Result<proto::Answer> check(const proto::Question& question,
                                            sys::Environment environment) const;

 private:
  using OpenedCdb = std::optional<Result<sys::CdbReader>>;

  void use_valid_lists(const RecipientFiles& files, const RecipientEnvironment& environment,
                       std::vector<std::string>& faults);
  Result<proto::Opinion> by_valid_lists(const std::string& address);
  Result<proto::Answer> by_file(const std::string& mailbox);
  proto::Answer by_way(const proto::RecipientFile::Way& way, const std::string& address);
  Result<bool> database_has(const std::string& file, const std::string& address);

  proto::RecipientCheckSettings settings_;
  base::Seconds limit_;
  std::string checker_;
  // Unset if there is no list. A Failure in it is returned when the list is asked.
  std::optional<Result<base::ConstMap>> valid_;
  OpenedCdb more_valid_;
  OpenedCdb valid_cdb_;
  proto::RecipientFile recipients_;
  std::map<std::string, Result<sys::CdbReader>> databases_;
  RealRecipients real_;
};

}  // namespace reqmail::smtpd
