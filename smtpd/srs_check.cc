#include "smtpd/srs_check.h"

#include "auth822/srs.h"
#include "srs/settings.h"
#include "sys/clock.h"

namespace reqmail::smtpd {

namespace {

proto::RefusalKind refusal_of(auth822::SrsFault fault) {
  switch (fault) {
  case auth822::SrsFault::none:
  case auth822::SrsFault::not_srs:
    break;
  case auth822::SrsFault::forged:
    return proto::RefusalKind::srs_not_valid;
  case auth822::SrsFault::expired:
    return proto::RefusalKind::srs_expired;
  }
  return proto::RefusalKind::none;
}

}  // namespace

proto::Answer srs_answer(const std::string& mailbox, const std::string& sender) {
  proto::Answer answer;
  if (!auth822::looks_like_srs(mailbox)) {
    return answer;
  }
  const auto settings = srs::read_settings();
  if (!settings || !*settings) {
    return answer;
  }
  const auto now = static_cast<std::uint64_t>(base::to_epoch(sys::now()));
  auto kind = refusal_of(auth822::srs_reverse(mailbox, **settings, now).fault);
  if (kind == proto::RefusalKind::none && !sender.empty()) {
    kind = proto::RefusalKind::srs_for_bounces;
  }
  if (kind != proto::RefusalKind::none) {
    answer.refusal = proto::refusal(kind);
  }
  return answer;
}

}  // namespace reqmail::smtpd
