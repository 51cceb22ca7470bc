// What all notices have in common: the fields of their header, and the parts of a
// multipart/report around what is said of the recipients.
#pragma once

#include <string>
#include <string_view>

#include "base/time.h"
#include "scheduler/bounce_text.h"

namespace reqmail::scheduler {

// Returns Date, From, To and Subject.
std::string notice_fields(const BounceNames& names, std::string_view recipient,
                          std::string_view subject, base::Time now);

// Returns the fields that notices have with every style but qmail's.
std::string style_fields(const BounceNames& names, std::string_view token);

// Returns the rest of the header of a report, and the beginning of its first part.
std::string report_fields(std::string_view token);

// The message that a report is about.
struct ReportedMessage {
  std::string_view return_path;
  base::Time queued{};
  // ENVID in xtext; empty if there was none.
  std::string_view envelope_id;
  // The report has the header alone.
  bool header_only = false;
};

// Sets all parts of a report but its head and the fields of recipients.
void frame_report(BounceMail& mail, const BounceNames& names, const ReportedMessage& message,
                  std::string_view token);

}  // namespace reqmail::scheduler
