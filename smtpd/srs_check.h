// Whether a recipient in the domain of SRS is genuine.
#pragma once

#include <string>

#include "proto/question.h"

namespace reqmail::smtpd {

// Answers Question::About::srs_address. Other addresses of the domain are not refused, and
// nothing is if the control files cannot be read: srsfilter decides later.
proto::Answer srs_answer(const std::string& mailbox, const std::string& sender);

}  // namespace reqmail::smtpd
