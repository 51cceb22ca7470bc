#include "scheduler/report_frame.h"

#include "base/text.h"
#include "mail/address.h"
#include "mail/date822.h"
#include "mail/dsn.h"
#include "scheduler/delivery_status.h"

namespace reqmail::scheduler {

namespace {

constexpr std::string_view kEightBit = "Content-Transfer-Encoding: 8bit\n";

// The end of one part and the head of the next.
std::string part_head(std::string_view boundary, std::string_view type,
                      std::string_view encoding) {
  return base::concat({"\n--", boundary, "\nContent-Type: ", type, "\n", encoding, "\n"});
}

}  // namespace

std::string notice_fields(const BounceNames& names, std::string_view recipient,
                          std::string_view subject, base::Time now) {
  return base::concat({"Date: ", mail::date822(now),
                       "\nFrom: ", mail::quote_local_part(names.from), "@", names.host,
                       "\nTo: ", mail::quote_address(recipient), "\nSubject: ", subject, "\n"});
}

std::string style_fields(const BounceNames& names, std::string_view token) {
  return base::concat(
      {"Message-ID: <", token, "@", names.host, ">\nAuto-Submitted: auto-replied\n"});
}

// Reasons and messages may have bytes of 8 bits.
std::string report_fields(std::string_view token) {
  return base::concat(
      {"MIME-Version: 1.0\nContent-Type: multipart/report; "
       "report-type=delivery-status;\n boundary=\"",
       token, "\"\n", kEightBit, "\n--", token, "\nContent-Type: text/plain; charset=utf-8\n",
       kEightBit});
}

void frame_report(BounceMail& mail, const BounceNames& names, const ReportedMessage& message,
                  std::string_view token) {
  mail.is_report = true;
  mail.excerpt.is_part = true;
  mail.excerpt.header_only = message.header_only;
  mail.status = base::concat({part_head(token, "message/delivery-status", ""),
                              "Reporting-MTA: dns; ", names.host, "\n"});
  if (!message.envelope_id.empty()) {
    mail.status += base::concat(
        {"Original-Envelope-Id: ",
         field_text(mail::decode_xtext(message.envelope_id).value_or(std::string())), "\n"});
  }
  mail.status += base::concat({"Arrival-Date: ", mail::date822(message.queued), "\n"});
  mail.tail = base::concat(
      {part_head(token, message.header_only ? "text/rfc822-headers" : "message/rfc822",
                 kEightBit),
       "Return-Path: <", mail::quote_address(message.return_path), ">\n"});
  mail.end = base::concat({"\n--", token, "--\n"});
}

}  // namespace reqmail::scheduler
