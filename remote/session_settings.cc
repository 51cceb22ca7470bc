#include "remote/session_settings.h"

#include <algorithm>

namespace reqmail::remote {

namespace {

constexpr std::uint8_t kLoopback = 127;

bool is_loopback(const base::IpAddress& address) {
  return address.family() == base::Family::v4 && address.bytes().front() == kLoopback;
}

}  // namespace

SmtpConnectionSettings session_settings(const SessionTerms& terms, const TlsPlan& plan,
                                        SmtpBegin begin, const base::IpAddress& server,
                                        Without without) {
  SmtpConnectionSettings made;
  made.begin = begin;
  made.plain_hello = without.ehlo;
  made.starttls = !without.starttls && plan.starttls;
  made.tls_required = plan.required;
  made.tls = plan.request;
  made.tls.timeout = terms.timeout;
  made.tls.end = std::min(terms.session_end, terms.end);
  made.login_in_clear = !terms.login.user.empty() && (plan.clear || is_loopback(server));
  return made;
}

}  // namespace reqmail::remote
