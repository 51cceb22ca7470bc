// Reports on recipients that have got a message, or will get it later: what a sender has asked
// for with NOTIFY (RFC 3461). Each is a multipart/report (RFC 6522, RFC 3464) that has the
// header of the message.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "mail/dsn.h"
#include "scheduler/bounce_text.h"
#include "scheduler/delivery_status.h"

namespace reqmail::scheduler {

// What a server has promised in the first line of qmail-remote's report if it got the
// parameters of RFC 3461: then it reports, and this host does not.
bool server_reports(std::string_view report);

// What happened to a recipient.
struct Notice {
  DsnAction action = DsnAction::delivered;
  std::string recipient;
  // ORCPT; empty if there was none.
  std::string original;
  // The spawner's report without its letter.
  std::string reason;
};

// What is to be reported to the sender of a message, at least one notice.
struct NoticeRequest {
  std::string sender;
  base::Time queued{};
  // ENVID; empty if there was none.
  std::string envelope_id;
  std::vector<Notice> notices;
};

// Returns the report; its paragraphs and fields are in its head. `token` is as for
// bounce_mail().
BounceMail notice_mail(const BounceNames& names, const NoticeRequest& request, base::Time now,
                       std::string_view token);

}  // namespace reqmail::scheduler
