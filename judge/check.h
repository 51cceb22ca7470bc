// qmail-mailauth check: what SPF, DKIM, ARC and DMARC say about a message.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "judge/spf.h"

namespace reqmail::judge {

// What the control files of this host say: me, spfrules, spfguess, spfexp, timeoutdns.
struct CheckSettings {
  std::string receiver;
  std::string spf_rules;
  std::string spf_guess;
  std::string spf_explanation;
  base::Seconds time = kSpfTime;
};

// What the arguments say: ip= helo= sender= time=.
struct CheckRequest {
  std::optional<std::string> ip;
  std::string helo;
  std::string sender;
  std::optional<std::string> time;
};

// Absent: an argument that is none of these.
std::optional<CheckRequest> parse_check_arguments(const std::vector<std::string>& arguments);

// Reads the message from the descriptor and returns one result a line. A permanent Failure: an
// argument without sense.
Result<std::string> check_message(const CheckRequest& request, const CheckSettings& settings,
                                  int message);

}  // namespace reqmail::judge
