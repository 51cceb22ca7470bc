// Finds the accounts of the listeners of SMTP.
#pragma once

#include <vector>

#include "legacy/script_text.h"
#include "survey/services.h"

namespace reqmail::survey {

// Returns the accounts as which run scripts start qmail-smtpd, each once; qmaild if no script
// names one.
std::vector<legacy::RunsAs> smtpd_accounts(const Services& services);

}  // namespace reqmail::survey
