// How important a fact about an older qmail is.
#pragma once

#include <string_view>

namespace reqmail::legacy {

enum class Severity {
  // Nothing changes.
  harmless,
  // The upgrade is possible, but somebody should know this.
  note,
  // Something would be allowed or lost without notice, so --accept-loss is needed.
  loss,
  // `apply` is not possible, whatever the options.
  stop,
};

// Returns "harmless", "note", "loss" or "stop".
std::string_view severity_name(Severity severity);

}  // namespace reqmail::legacy
