// The accounts of the listeners of SMTP.
#pragma once

#include <vector>

#include "legacy/script_text.h"
#include "survey/services.h"

namespace reqmail::survey {

// Whom run scripts start qmail-smtpd as, each once; qmaild where none is named.
std::vector<legacy::RunsAs> smtpd_accounts(const Services& services);

}  // namespace reqmail::survey
