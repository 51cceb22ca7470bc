// Runs a filter of control/filterargs over a message.
#pragma once

#include <string>

#include "mail/verdict_codec.h"
#include "spawn/filter_lines.h"
#include "sys/env.h"
#include "sys/fd.h"

namespace reqmail::spawn {

struct FilterResult {
  mail::FilterVerdict verdict = mail::FilterVerdict::temporary;
  // The message to deliver, at its beginning.
  sys::Fd message;
  // The first line that the filter has written to its standard error, without unprintable
  // bytes.
  std::string words;
  // The filter was qmail-dkim, and has signed the message.
  bool is_signed = false;
};

// Runs the filter with the message on descriptor 0 of this process, and waits for it.
// `environment` is that of the filter, beside the variables of its line.
FilterResult run_filter(const FilterLine& line, sys::Environment environment);

}  // namespace reqmail::spawn
