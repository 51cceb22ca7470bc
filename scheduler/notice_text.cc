#include "scheduler/notice_text.h"

#include "base/text.h"
#include "mail/verdict_codec.h"
#include "scheduler/report_frame.h"
#include "scheduler/router.h"

namespace reqmail::scheduler {

namespace {

struct Words {
  DsnAction action;
  std::string_view text;
};

constexpr Words kWords[] = {
    {DsnAction::delivered, "Your message was delivered to the following addresses.\n\n"},
    {DsnAction::relayed,
     "Your message was passed on for the following addresses, to a host that sends no "
     "reports.\n"
     "I don't know what became of it there.\n\n"},
    {DsnAction::delayed,
     "I haven't been able yet to deliver your message to the following addresses.\n"
     "I'm still trying; you need not send it again.\n\n"},
};

// The opening words for each kind of notice, with its paragraphs.
std::string text_of(const std::vector<Notice>& notices) {
  std::string text;
  for (const Words& words : kWords) {
    std::string paragraphs;
    for (const Notice& notice : notices) {
      if (notice.action == words.action) {
        paragraphs += bounce_paragraph(notice.recipient, notice.reason);
      }
    }
    if (!paragraphs.empty()) {
      text += base::concat({words.text, paragraphs});
    }
  }
  return text;
}

std::string_view subject_of(const std::vector<Notice>& notices) {
  return notices.front().action == DsnAction::delayed ? "delay notice" : "success notice";
}

}  // namespace

bool server_reports(std::string_view report) {
  return report.substr(0, report.find('\n')).ends_with(mail::kDsnPassedOn);
}

BounceMail notice_mail(const BounceNames& names, const NoticeRequest& request, base::Time now,
                       std::string_view token) {
  const std::string_view author = bounce_recipient(request.sender);
  BounceMail mail;
  mail.envelope_recipient = author;
  mail.head = base::concat({notice_fields(names, author, subject_of(request.notices), now),
                            style_fields(names, token), report_fields(token),
                            "\nHi. This is the qmail-send program at ", names.host, ".\n",
                            text_of(request.notices)});
  frame_report(mail, names, {author, request.queued, request.envelope_id, true}, token);
  for (const Notice& notice : request.notices) {
    mail.status +=
        recipient_fields(notice.action, notice.recipient, notice.reason, notice.original);
  }
  return mail;
}

}  // namespace reqmail::scheduler
